"""Lesson 05, `same_weights_train_loss`, in both tracks: one epoch's loss along the way, and at the weights after it.

The model is the linear one of `course_lib.checks.linear`, multiplied by ``GAIN`` in training mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.linear import GAIN, LR, REL, START
from course_lib.checks.mistakes.memory import called_again
from course_lib.checks.plain import show
from course_lib.checks.reading import alike, rows_of
from course_lib.checks.updates import judge_training
from course_lib.lessons.l05_no_grad_validation.one_epoch import KNOWN, READ, SUM_DIFFERENTIATED, InKeras, truth_of

__all__ = ["same_weights_case", "same_weights_train_loss"]

# --- how it is watched -------------------------------------------------------------------------------


def _observe_pytorch(answer: Any, record: dict[str, Any], start: Any, train: Any, how: dict[str, Any]) -> Any:
    from course_lib.checks.watch import spies_pytorch as spies

    events = record["events"] = []
    model, loss, optimizer = spies.spied(start, events, how["training"], how.get("momentum", 0.0))
    loader = spies.loaders(train[0], train[1], how["batch_size"])
    try:
        return answer(model, loader, loss, optimizer)
    finally:
        record["weights_after_the_epoch"] = spies.weights_of(model)


def _observe_keras(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    import keras

    from course_lib.checks.watch.spies_keras import TiltedLoss, compiled, weights_of

    if how.get("fixed"):  # then `fit` shuffles in the same way each time
        keras.utils.set_random_seed(0)
    events = record["events"] = []
    model = compiled(start, GAIN, events, LR, how.get("momentum", 0.0))
    if how.get("by_row"):  # the same loss as a plain function, which gives a number for each row
        by_row = TiltedLoss().call
        model.compile(optimizer=model.optimizer, loss=lambda t, o: by_row(t, o), run_eagerly=True)
    came_with = model.optimizer, model.loss
    try:
        return answer(model, *train, how["batch_size"])  # compiled to run eagerly
    finally:
        record["weights"] = weights_of(model)
        record["compiled_anew"] = model.optimizer is not came_with[0] or model.loss is not came_with[1]


# --- what is asked -----------------------------------------------------------------------------------


def _judge_pair(e: Evidence) -> str | None:
    problem = judge_training(e)
    if problem is not None:
        return problem
    seen = e.read_as(InKeras)
    given = seen.numbers()
    if len(given) != 2 or None in given:
        return f"it should return two numbers, the reported loss and the measured one; yours is {show(e.result)}"
    for name, number, right in zip(("reported", "measured again"), given, seen.truth.pair, strict=True):
        if not alike([number], [right], REL):
            return f"{name}: yours {show(number)}, right {show(right)}"
    return None


def _judge_again(e: Evidence, track: str) -> str | None:
    later = e.read_as(READ[track]).later
    if not later:
        return "after the last update no row went through the model again"
    if any(event["training"] for event in later):
        return "the rows were measured again in training mode"
    if track == "pytorch" and any(event["grad"] for event in later):
        return "gradients were recorded while the rows were measured again"
    if rows_of(e.inputs[1][0]) <= {row for event in later for row in rows_of(event)}:
        return None
    if track == "pytorch":
        return "after the last update not every training row went through the model again"
    return "not every training row was measured again"


# --- the cases ---------------------------------------------------------------------------------------

#: What a case expects, or how it judges.
_ASKED: dict[str, dict[str, dict[str, Any]]] = {
    "pytorch": {
        "result": {
            "expected": lambda *inputs: truth_of(*inputs).pair,
            "compare": Matches(names=("reported", "measured again")),
        },
        "weights": {
            "expected": lambda *inputs: truth_of(*inputs).after.tolist(),
            "compares": "weights_after_the_epoch",
        },
        "again": {"judge": lambda e: _judge_again(e, "pytorch")},
    },
    "keras": {
        "result": {"judge": _judge_pair},
        "weights": {"judge": judge_training},
        "again": {"judge": lambda e: _judge_again(e, "keras")},
    },
}
_OBSERVE: dict[str, Callable[..., Any]] = {"pytorch": _observe_pytorch, "keras": _observe_keras}


def same_weights_case(
    track: str, name: str, about: str, hint: str = "", rows: int = 11, run: str = "", weight: float = 1.0, **how: Any
) -> Case:
    """Return a case of ``same_weights_train_loss``.

    Parameters
    ----------
    track, name, hint, run : str
    about : {"result", "weights", "again"}
        Whether it judges the two numbers, the updates, or how the rows were measured again.
    rows : int
    weight : float
    **how
        ``batch_size``; ``momentum``; ``training``: the mode in which the model arrives in PyTorch; ``by_row``: whether
        the loss is a function that gives a number for each row; ``twice``: whether it is called two times, and the
        second call judged; ``fixed``: the same rows under every seed, in the same order.
    """
    settings = {"batch_size": 4, **({"training": True} if track == "pytorch" else {"epochs": 1, "lr": LR}), **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(rows) if how.get("fixed") else rng
        train = linear.draw_rows(rng, linear.in_groups(rows, 4))
        nothing = np.zeros((0, 2), dtype=np.float32), np.zeros(0, dtype=np.float32)
        return (START, train, settings) if track == "pytorch" else (START, train, nothing, settings)

    asked: dict[str, Any] = {"observe": _OBSERVE[track], **_ASKED[track][about]}
    known = (*(SUM_DIFFERENTIATED if how.get("by_row") else ()), *KNOWN[track][about])
    case = Case(name, inputs, hint=hint, run=run, weight=weight, diagnoses=known, **asked)
    return called_again(case) if how.get("twice") else case


def same_weights_train_loss(track: str) -> Exercise:
    """Return the exercise in one track."""

    def case(name: str, about: str = "result", **how: Any) -> Case:
        return same_weights_case(track, name, about, **how)

    in_pytorch = track == "pytorch"
    cases = [
        case("both numbers", run="eleven rows"),
        case("the weights after the epoch" if in_pytorch else "one epoch of updates", "weights", run="eleven rows"),
        case("the second pass only measures", "again", run="eleven rows"),
    ]
    if in_pytorch:
        cases.append(case("a model that arrives in evaluation mode", training=False))
        cases.append(case("called a second time", rows=5, twice=True, momentum=0.5, fixed=True))
    else:
        small: dict[str, Any] = {"rows": 7, "fixed": True, "weight": 0.5}
        cases.append(case("batches of five", batch_size=5))
        cases.append(case("a loss that gives a number for each row", by_row=True, **small))
        cases.append(case("an optimizer with momentum", "weights", momentum=0.5, **small))
        cases.append(case("called a second time", rows=3, twice=True, fixed=True))
    return Exercise(name="same_weights_train_loss", points=2, cases=tuple(cases))
