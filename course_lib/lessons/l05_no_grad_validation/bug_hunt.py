"""Lesson 05, `bug_hunt`, in both tracks: mend `run_epochs`, a published loop with faults in its validation.

The model is the linear one of `course_lib.checks.linear`, multiplied by ``GAIN`` in training mode. The numbers are held
against the modes in which the passes were really made, so that one fault left in hides no other that was mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.histories import EpochsRun
from course_lib.checks.linear import GAIN, LR, REL, START
from course_lib.checks.mistakes import Fields, Sign, by_claim, by_sign
from course_lib.checks.mistakes.averaging import averaging, so_far
from course_lib.checks.mistakes.memory import called_again
from course_lib.checks.mistakes.training import LOOP
from course_lib.checks.plain import has_graph, show
from course_lib.checks.reading import alike, rows_of

__all__ = ["Epochs", "bug_hunt", "epochs_case"]

# --- how it is watched and read ----------------------------------------------------------------------


class Epochs(EpochsRun):
    """One call of ``run_epochs``: its passes, and the numbers that belong to the modes they were made in."""

    tolerance = (REL, 1e-5)

    def gain(self, key: str, epoch: int) -> float:
        """Return the factor that was in force in the passes behind an epoch's number."""
        passes = self.train_passes if key == "loss" else self.val_passes
        each = max(1, len(passes) // self.epochs)
        return GAIN if any(event["training"] for event in passes[epoch * each : epoch * each + 1]) else 1.0

    @property
    def rows_trained(self) -> int:
        """How many rows were trained on, each counted as often as it passed."""
        return sum(len(event["rows"]) for event in self.trained)


def _observe_pytorch(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: Any) -> Any:
    from course_lib.checks.watch import spies_pytorch as spies
    from course_lib.checks.watch.pytorch import counting_graphs

    loss = counting_graphs(spies.tilted_loss, record.setdefault("graphs_held", []))
    events, momentum = record.setdefault("events", []), how.get("momentum", 0.0)
    model, loss, optimizer = spies.spied(start, events, how["training"], momentum, loss=loss)
    sizes = how["batch_size"], how["val_batch_size"]
    loaders = (spies.loaders(x, y, size) for (x, y), size in zip((train, val), sizes, strict=True))
    try:
        return answer(model, *loaders, loss, optimizer, how["epochs"])
    finally:
        record["weights_after_the_run"] = spies.weights_of(model)


def _observe_keras(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: Any) -> Any:
    from course_lib.checks.watch import spies_keras as spies
    from course_lib.checks.watch.keras import eagerly, tensors

    events = record.setdefault("events", [])
    model, optimizer = spies.TapeSpy(start, GAIN, events), spies.noting_steps(LR, how.get("momentum", 0.0), events)
    sizes = how["batch_size"], how["val_batch_size"]
    batches = (tensors(linear.batches_of(x, y, size)) for (x, y), size in zip((train, val), sizes, strict=True))
    try:
        with eagerly():
            return answer(model, *batches, spies.tilted_loss, optimizer, how["epochs"])
    finally:
        record["weights_after_the_run"] = spies.weights_of(model)


_OBSERVE = {"pytorch": _observe_pytorch, "keras": _observe_keras}

# --- what is asked -----------------------------------------------------------------------------------

#: What is wrong where passes of validation rows note it.
_WRONG = {
    "training": "validation rows went through the model in training mode",
    "grad": "gradients were recorded on validation rows",
}


def _validation(seen: Epochs, note: str) -> str | None:
    if not seen.val_passes:
        return "no validation row ever went through the model"
    return _WRONG[note] if seen.any_val(note) else None


def _mode(seen: Epochs) -> str | None:
    if not seen.trained:
        return "no training row went through the model with gradients recorded"
    all_in_training = all(event["training"] for event in seen.trained)
    return None if all_in_training else "training rows went through the model in evaluation mode"


def _weights(seen: Epochs) -> str | None:
    given, right = seen.noted("weights_after_the_run") or [], seen.runs[-1].weights.tolist()
    fits = alike([float(v) for v in given], right, REL, 1e-4)
    return None if fits else f"the weights after the run: yours {show(given)}, right {show(right)}"


def _graphs(seen: Epochs) -> str | None:
    if max((int(n) for n in seen.e["graphs_held"]), default=0) > 2:
        return "the graphs of earlier batches were still held when later ones came"
    return "the history holds tensors that still carry a graph" if has_graph(seen.e.result) else None


#: By what is judged: the name of its case, and how it is judged.
_JUDGED: dict[str, tuple[str, Callable[[Epochs], str | None]]] = {
    "weights": ("the updates themselves", _weights),
    "val_mode": ("the validation pass, first part", lambda seen: _validation(seen, "training")),
    "val_gradients": ("the validation pass, second part", lambda seen: _validation(seen, "grad")),
    "val_loss": ("the numbers in `val_loss`", lambda seen: seen.problem("val_loss")),
    "loss": ("the numbers in `loss`", lambda seen: seen.problem("loss")),
    "graphs": ("from batch to batch", _graphs),
    "train_mode": ("from epoch to epoch", _mode),
}

# --- what may go wrong -------------------------------------------------------------------------------


def _entries(seen: Epochs, key: str = "loss") -> int:
    return len(seen.numbers(key))


def _wrong_number(seen: Epochs) -> bool:
    """Whether more or fewer epochs were trained than asked, each of them whole and with its loss."""
    whole = seen.rows_trained == _entries(seen) * len(seen.inputs[1][1])
    too_many = _entries(seen) > seen.epochs and not seen.how.get("twice")
    return whole and (too_many or 1 < _entries(seen) < seen.epochs)


def _other_batches(seen: Epochs) -> bool:
    given = [rows_of(x) for x, _ in seen.rows_in["loss"]]
    return any(rows_of(event) not in given for event in seen.trained)


def _validated_every_batch(seen: Epochs) -> bool:
    rows = sum(len(event["rows"]) for event in seen.val_passes)
    too_many = _entries(seen, "val_loss") > seen.epochs + 1 and rows > seen.epochs * len(seen.inputs[2][1])
    return too_many and not _wrong_number(seen)


def _val_before_epoch(seen: Epochs) -> bool:
    given, right = seen.numbers("val_loss"), seen.right("val_loss")
    return len(given) == len(right) > 1 and alike(given[1:], right[:-1], REL)


def _after_updates(seen: Epochs) -> list[float]:
    return [linear.averaged((run.after, sizes)) for run, (_, sizes) in zip(seen.runs, seen.parts["loss"], strict=True)]


#: What is wrong with the run as a whole, so that its numbers and its weights follow from it.
_RUN: tuple[tuple[str, Sign], ...] = (
    ("returned_too_early", lambda seen: seen.epochs > 1 and 0 < seen.rows_trained <= len(seen.inputs[1][1])),
    ("wrong_number_of_epochs", _wrong_number),
    ("other_batches", _other_batches),
)
_FIELDS: Fields = {"trained": _entries, "asked": lambda seen: seen.epochs}
_SIGNS: dict[str, tuple[tuple[str, Sign], ...]] = {
    "loss": _RUN,
    "val_loss": (
        *_RUN,
        ("validated_every_batch", _validated_every_batch),
        ("val_before_epoch", _val_before_epoch),
        ("validated_on_training_rows", lambda seen: not seen.val_passes and _entries(seen, "val_loss") > 0),
        (
            "validated_before_training",
            lambda s: _entries(s, "val_loss") == s.epochs + 1 and s.events[0] in s.val_passes,
        ),
    ),
    "val_mode": (("no_eval/validation", lambda seen: seen.any_val("training")),),
    "val_gradients": (("gradients_on/validation", lambda seen: seen.any_val("grad")),),
    "train_mode": (
        ("mode_not_restored", lambda seen: seen.trained[0]["training"] and _mode(seen) is not None),
        ("no_train_mode", lambda seen: not all(event["training"] for event in seen.trained)),
    ),
    "weights": (*_RUN, ("updates_on_validation_rows", lambda seen: seen.updated_on(seen.inputs[2][0]))),
    "graphs": (("graphs_kept", lambda seen: _graphs(seen) is not None),),
}


def _values(key: str) -> tuple[Diagnosis, ...]:
    """Return what may be wrong with the numbers under a key."""
    other = "val_loss" if key == "loss" else "loss"
    how: dict[str, Any] = {"compare": Matches(*Epochs.tolerance), "read": Epochs}
    begun_once = ("not_reset_per_epoch/history", lambda seen: so_far(seen.right(key)) if seen.epochs > 1 else None)
    late: tuple[tuple[str, Sign], ...] = (
        ("loss_remeasured", lambda seen: seen.measured("loss", seen.weights[1:])),
        ("measured_after_update", _after_updates),
    )
    return (
        *by_claim(
            (("keys_swapped/lists", lambda seen: [seen.right(other), seen.right(key)]),),
            lambda seen: [seen.numbers(key), seen.numbers(other)],
            lambda seen: [seen.right(key), seen.right(other)],
            **how,
        ),
        *by_claim(
            (*(late if key == "loss" else ()), begun_once),
            lambda seen: seen.numbers(key),
            lambda seen: seen.right(key),
            {"key": repr(key)},
            **how,
        ),
        *averaging(Epochs, lambda seen: seen.parts[key], lambda seen: seen.numbers(key), key, how["compare"]),
    )


#: What Keras has other words for: there a mode is an argument, and a tape records.
_IN_KERAS = {
    "gradients_on/validation": "gradients_on/tape_in_validation",
    "no_eval/validation": "no_eval/argument",
    "no_train_mode": "no_train_mode/inference_mode",
}


@cache
def _known(track: str, about: str) -> tuple[Diagnosis, ...]:
    """Return the mistakes that show in what a case of a track judges."""
    words = _IN_KERAS if track == "keras" else {}
    signs = [(words.get(name, name), sign) for name, sign in _SIGNS[about]]
    values = _values(about) if about in ("loss", "val_loss") else ()
    return (*by_sign(signs, _FIELDS, read=Epochs, of_errors=False), *values)


#: Of the updates themselves, as far as the track notes them.
_OUTSIDE = (("step_outside_loop", lambda seen: 0 < len(seen.of("step")) < len(seen.trained)),)
_LOOP = {
    "pytorch": LOOP,
    "keras": (
        *(diagnosis for diagnosis in LOOP if diagnosis.key == "optimizer_not_used"),
        *by_sign(_OUTSIDE, read=Epochs, of_errors=False),
    ),
}


def epochs_case(
    track: str, name: str, about: str, hint: str = "", sizes: Sequence[int] = (13, 7), run: str = "", **how: Any
) -> Case:
    """Return a case of ``run_epochs``.

    Parameters
    ----------
    track, name, hint, run : str
    about : {"loss", "val_loss", "val_mode", "val_gradients", "train_mode", "weights", "graphs"}
        What it judges; the published code already does right by "weights", which therefore counts little.
    sizes : (int, int)
        Training and validation rows.
    **how
        ``epochs``, ``batch_size``, ``val_batch_size``, ``training``, ``momentum``; ``fixed``: the same rows under every
        seed; ``twice``: whether it is called two times, and the second call judged; ``rising``: whether the weights at
        the start fit the validation rows exactly, so that training makes the validation loss rise.
    """
    settings = {"epochs": 3, "batch_size": 3, "val_batch_size": 4, "training": False, **how}
    rising = settings.pop("rising", False)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(sizes) if how.get("fixed") else rng
        train = linear.draw_rows(rng, linear.in_groups(sizes[0], 3))
        x, y = linear.draw_rows(rng, [sizes[1] // 2, sizes[1] - sizes[1] // 2], shift=0.5)
        return START, train, (x, linear.fitted(x) if rising else y), settings

    _, judge = _JUDGED[about]
    loop = _LOOP[track] if about == "weights" or (track == "pytorch" and how.get("momentum")) else ()
    how_judged: dict[str, Any] = {
        "judge": lambda e: judge(e.read_as(Epochs)),
        "weight": 0.5 if about in ("weights", "train_mode") else 1.0,
        "diagnoses": (*_known(track, about), *loop),
    }
    case = Case(name, inputs, None, hint, _OBSERVE[track], run=run, **how_judged)
    return called_again(case) if how.get("twice") else case


def bug_hunt(track: str) -> Exercise:
    """Return the exercise in one track."""
    keras = track == "keras"
    parts = [(about, name) for about, (name, _) in _JUDGED.items() if not (keras and about == "graphs")]
    momentum: dict[str, Any] = {"sizes": (5, 3), "epochs": 2, "momentum": 0.5, "fixed": True}
    again: dict[str, Any] = {"sizes": (4, 3)} if keras else {"sizes": (7, 3), "momentum": 0.5}
    return Exercise(
        name="bug_hunt",
        points=2,
        answer="run_epochs",
        cases=(
            *(epochs_case(track, name, about, run="three epochs") for about, name in parts),
            *((epochs_case(track, "an optimizer with momentum", "weights", **momentum),) if keras else ()),
            epochs_case(track, "a validation loss that rises", "val_loss", sizes=(7, 5), epochs=4, rising=True),
            epochs_case(track, "called a second time", "loss", epochs=1, twice=True, fixed=True, **again),
        ),
        diagnoses=() if keras else LOOP[:2],  # what an error in any of the cases may be about
    )
