"""Lesson 05, `evaluate`, in both tracks: measure a model, and leave it as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.mistakes import Sign, by_sign, by_value
from course_lib.checks.mistakes.averaging import averaging
from course_lib.checks.mistakes.measuring import FIELDS, ITERABLE, MODES, touched
from course_lib.checks.mistakes.memory import called_again
from course_lib.checks.reading import Reading
from course_lib.lessons.l05_no_grad_validation.evaluate_stage import (
    KINDS,
    LEFT,
    OBSERVE,
    Parameters,
    batch_losses,
    make_parameters,
    mean_loss,
    measured,
)

__all__ = ["evaluate", "evaluate_case"]

# --- what is asked ---------------------------------------------------------------------------------


def _ran(e: Evidence) -> str | None:
    passed = all(e.read_as(Reading).passed(x) for x, _ in e.inputs[1])
    return None if passed else "not every row of every batch went through the model"


def _changes(e: Evidence) -> str | None:
    moved = e.read_as(Reading).touched
    return f"after the measurement these are not what they were: {', '.join(moved)}" if moved else _ran(e)


def _gradients(e: Evidence) -> str | None:
    seen = e.read_as(Reading)
    if _recorded(seen):
        return "gradients were recorded while the batches went through the model"
    if seen.noted("gradients_left_off"):
        return "after the call gradients are switched off for everything that follows"
    if seen.noted("gradients_left_on"):
        return "gradients were switched off where it was called, and after the call they are on"
    return _ran(e)


def _recorded(seen: Reading) -> bool:
    return any(event["grad"] for event in seen.passes)


_JUDGES = {"number": None, "changes": _changes, "gradients": _gradients, "left": _ran}


def evaluate_case(
    track: str,
    name: str,
    about: str,
    sizes: Sequence[int] = (4, 4, 3),
    hint: str = "",
    weight: float = 1.0,
    kind: str = "numbers",
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``evaluate``.

    Parameters
    ----------
    track, name, hint, run : str
    about : {"number", "changes", "gradients", "left"}
        Whether it judges the number, what changed, what was recorded, or how the model is left.
    sizes : sequence of int
        The batches' sizes.
    weight : float, optional
    kind : {"numbers", "columns", "nan", "labels", "errors"}, optional
        What is predicted: a number, two numbers, a number of which one target is NaN, or labels, measured by the
        cross-entropy from logits or by the share of errors, which is 0 in the first batch.
    **how
        ``training``: the mode the model arrives in; ``as_list``: batches are lists; ``mixed``: one layer is frozen;
        ``grad``: whether gradients are recorded where it is called; ``fixed``: the same rows under every seed;
        ``twice``: whether it is called two times, and the second call judged.
    """
    settings = {"training": True, **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(sizes) if how.get("fixed") else rng
        outputs, targets = KINDS[kind]
        batches = linear.make_problem(rng, sizes)
        p = make_parameters(rng, outputs)
        return p, targets(p, batches), settings

    expected = {"number": measured(mean_loss), "left": settings["training"]}.get(about)
    compares = LEFT[track] if about == "left" else "result"
    return Case(name, inputs, expected, hint, OBSERVE[track], _JUDGES[about], compares, weight=weight, run=run)


# --- what may go wrong -------------------------------------------------------------------------------


def _losses_and_sizes(seen: Reading) -> tuple[list[float], list[int]]:
    p, batches, _ = seen.inputs
    return batch_losses(p, batches), [len(y) for _, y in batches]


def _left(track: str, arrived: bool) -> Sign:
    """Return the sign of a model that is left in the other mode than it arrived in, or otherwise trainable."""
    return lambda seen: seen.how["training"] is arrived and seen.noted(LEFT[track]) is not arrived


def _by_entries(p: Parameters, batches: Sequence[linear.Batch], how: dict[str, Any]) -> OneOf:
    """Return what comes of counting each entry of the targets in one place, and each row in the other."""
    right, columns = measured(mean_loss)(p, batches, how), np.size(batches[0][1]) / len(batches[0][1])
    return OneOf(right * columns, right / columns)


#: Of the loss handed over, and how the batch losses are put together.
_NUMBERS = (
    *by_value((("swapped_loss_arguments", measured(lambda y, outputs: mean_loss(y, outputs=outputs, swapped=True))),)),
    *by_value((("entries_counted", _by_entries),)),
    *averaging(Reading, _losses_and_sizes),
)
#: By track, then by what a case judges; what passes in the wrong mode did comes before.
_SIGNS: dict[str, dict[str, tuple[tuple[str, Sign], ...]]] = {
    "pytorch": {
        "changes": (
            ("gradients_cleared", lambda seen: "gradients" in seen.touched and seen.noted("gradients_cleared")),
            ("backward_on_validation_rows/backward_called", touched("gradients")),
            ("flags_changed/unfrozen", lambda seen: bool(seen.noted("unfrozen"))),
            ("flags_changed/frozen_to_measure", touched("requires_grad")),
            ("settings_changed", touched("settings")),
        ),
        "gradients": (
            ("gradients_left_off", lambda seen: bool(seen.noted("gradients_left_off"))),
            ("gradients_left_on", lambda seen: bool(seen.noted("gradients_left_on"))),
            ("gradients_on", _recorded),
        ),
        "left": (
            ("mode_left_in_eval/measured", _left("pytorch", True)),
            ("mode_forced_to_training", _left("pytorch", False)),
        ),
    },
    "keras": {
        "changes": (
            ("compiled_anew/measured", touched("optimizer", "loss")),
            ("settings_changed", touched("settings")),
        ),
        "gradients": (("gradients_on/tape", _recorded),),
        "left": (
            ("flags_changed/layer_unfrozen", lambda seen: bool(seen.noted("layer_unfrozen"))),
            ("mode_left_in_eval/trainable", _left("keras", True)),
            ("mode_forced_to_training/trainable", _left("keras", False)),
        ),
    },
}
#: What Keras knows alone: a mode is looked for where PyTorch has it, or the loss is that of `compile`.
_SOUGHT = ("mode_of_the_model", lambda seen: seen.raised("AttributeError", "attribute 'eval'", "attribute 'train'"))
_COMPILED = by_value((("compiled_loss", measured(lambda y, outputs: float(np.mean(outputs**2)))),))


def _mistakes(track: str, about: str) -> tuple[Diagnosis, ...]:
    keras, modes = track == "keras", MODES if about in ("number", "changes") else ()
    return (
        *by_sign((*((_SOUGHT,) if keras else ()), *ITERABLE), read=Reading),
        *by_sign((*modes, *_SIGNS[track].get(about, ())), FIELDS, read=Reading, of_errors=False),
        *((*(_COMPILED if keras else ()), *_NUMBERS) if about == "number" else ()),
    )


def evaluate(track: str) -> Exercise:
    """Return the exercise in one track."""
    keras = track == "keras"
    arrived = ("the mode it arrived in: training", "the mode it arrived in: evaluation")
    names = ("a trainable model stays trainable", "a frozen model stays frozen") if keras else arrived
    small: dict[str, Any] = {"sizes": (3, 2), "fixed": True, "weight": 0.25}

    few = {} if keras else {"sizes": (2, 1)}  # so that sums kept from call to call still move when it is called again

    def case(name: str, about: str, **how: Any) -> Case:
        return replace(evaluate_case(track, name, about, **how), diagnoses=_mistakes(track, about))

    own = (
        case("a frozen layer of a trainable model stays frozen", "left", sizes=(2, 3), mixed=True, weight=0.25)
        if keras
        else case("called where gradients are switched off", "gradients", grad=False, **small)
    )
    return Exercise(
        name="evaluate",
        points=3,
        cases=(
            case("batches of equal size", "number", sizes=(4, 4), weight=0.5),
            case("a smaller last batch", "number", run="three batches", weight=2.0),
            case("nothing in the model changes", "changes", run="three batches"),
            case("no gradients are recorded", "gradients", run="three batches", weight=1.5),
            case(names[0], "left", run="three batches", weight=0.75),
            case(names[1], "left", sizes=(3, 2), training=False, weight=0.25 if keras else 0.75),
            own,
            called_again(case("called a second time", "number", twice=True, **small)),
            case("targets of two columns, a row for each sample", "number", kind="columns", **(small | few)),
        ),
    )
