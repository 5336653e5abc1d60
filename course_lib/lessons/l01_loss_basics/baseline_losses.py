"""Lesson 01, `baseline_losses`: what it costs to know nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.plain import dict_of, list_of, number_of
from course_lib.lessons.l01_loss_basics.losses import EXACT, OF_CLASSES, small_type

__all__ = ["BASELINES"]

# --- what the mistakes give: of the number of classes, and of the targets --------------------------------------


def _yes_or_no(k: int) -> OneOf:
    other = math.log(1 - 1 / k)
    return OneOf(math.log(k) / k - (1 - 1 / k) * other, -other)


_OF_CLASSES: tuple[tuple[str, Callable[[int], Any]], ...] = (
    *OF_CLASSES,
    ("divided_by_classes/guessing", lambda k: math.log(k) / k),
    ("times_classes", lambda k: k * math.log(k)),
    ("classes", float),
    ("two_classes", lambda k: math.log(2)),
    ("one_class_more_or_less", lambda k: OneOf(math.log(k + 1), math.log(k - 1) if k > 1 else None)),
    ("yes_or_no", _yes_or_no),
    ("number_of_classes_fixed", lambda k: OneOf(*(math.log(n) for n in (3, 10, 100)))),
)


def _entropy(targets: np.ndarray) -> float:
    shares = np.unique(targets, return_counts=True)[1] / len(targets)
    return float(-np.sum(shares * np.log(shares)))


def _mode(targets: np.ndarray) -> float:
    values, counts = np.unique(targets, return_counts=True)
    return float(values[counts.argmax()])


def _around(middle: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """Return the mean square of the differences from a middle, which is made from the targets."""
    return lambda t: np.mean((t - middle(t)) ** 2)


_OF_TARGETS: tuple[tuple[str, Callable[[np.ndarray], Any]], ...] = (
    ("half", lambda t: np.var(t) / 2),
    ("rmse", np.std),
    ("divided_by_n_minus_1", lambda t: np.var(t, ddof=1) if len(t) > 1 else None),
    ("mae", lambda t: np.mean(np.abs(t - t.mean()))),
    ("predicts_mode", _around(_mode)),
    ("predicts_middle", _around(lambda t: (t.min() + t.max()) / 2)),
    ("predicts_one_target", lambda t: OneOf(*(np.mean((t - one) ** 2) for one in (t[0], t[-1], t.max(), t.min())))),
    ("square_of_mean/targets", lambda t: t.mean() ** 2),
    ("predicts_zero", lambda t: np.mean(t**2)),
    ("predicts_median", _around(np.median)),
    ("not_divided/squares", lambda t: np.sum((t - t.mean()) ** 2)),
    ("mean_of_targets", np.mean),
)


def _wrapped(k: int, targets: np.ndarray) -> OneOf | None:
    """Return the variance where the squares, or the mean as well, are computed in the targets' own type."""
    if not small_type(targets):
        return None
    mean, own = np.mean(targets), targets.dtype
    cut = targets - own.type(mean)
    return OneOf(
        np.mean(targets**2) - mean**2,
        *(np.mean(cut**2), np.mean(cut.astype(float) ** 2)),
        np.mean((targets - own.type(round(float(mean)))) ** 2),
        np.var(targets),
    )


def _squares_subtracted(k: int, targets: np.ndarray) -> OneOf | None:
    """Return what the mean of the squares minus the square of the mean gives, where the type holds too few digits."""
    if targets.dtype != np.float32:
        return None
    squares, mean = np.mean(targets**2), np.mean(targets)
    return OneOf(float(squares - mean**2), float(squares - float(mean) ** 2), float(squares) - float(mean) ** 2)


def _predicts_whole_number(k: int, t: np.ndarray) -> OneOf:
    # Of whole targets alone: whoever keeps their type need not cut a mean of floats.
    right = np.var(t) if t.dtype.kind == "f" else None
    return OneOf(*(np.mean((t.astype(float) - cut(t.mean())) ** 2) for cut in (np.trunc, np.round)), right)


# --- how they are told -----------------------------------------------------------------------------------------


def _entry(e: Evidence, name: str) -> Any:
    return (dict_of(e.result) or {}).get(name)


def _is(e: Evidence, name: str, *values: float) -> bool:
    return any(near(number_of(_entry(e, name)), value) for value in values)


def _rounded(name: str) -> Diagnosis:
    def claim(e: Evidence) -> Claim | None:
        right = e.expected[name]
        return Claim(_entry(e, name), OneOf(*(round(right, digits) for digits in (1, 2, 3))), right)

    return mistake("rounded", claim=claim, compare=EXACT)


def _rows_for_classes(e: Evidence) -> bool:
    return _is(e, "cross_entropy", math.log(len(e.inputs[1])), math.log(len(set(e.inputs[1].tolist()))))


#: Both entries are right, each under the other's name.
_SWAPPED = mistake(
    "keys_swapped",
    probe=lambda e: _is(e, "cross_entropy", float(np.var(e.inputs[1]))) and _is(e, "mse", math.log(e.inputs[0])),
)
_MISTAKES = {
    "cross_entropy": (
        _SWAPPED,
        *by_value(((name, lambda k, t, of=of: of(k)) for name, of in _OF_CLASSES), entry="cross_entropy"),
        _rounded("cross_entropy"),
        mistake("rows_for_classes", probe=_rows_for_classes),
        *by_value(
            (("entropy_of_targets", lambda k, t: _entropy(t)), ("summed_over_rows", lambda k, t: len(t) * math.log(k))),
            entry="cross_entropy",
        ),
    ),
    "mse": (
        _SWAPPED,
        *by_value((("wraps_around", _wrapped), ("squares_subtracted/variance", _squares_subtracted)), entry="mse"),
        mistake("one_value_a_row", probe=lambda e: bool(list_of(_entry(e, "mse")))),
        *by_value(((name, lambda k, t, of=of: of(t.astype(float))) for name, of in _OF_TARGETS), entry="mse"),
        *by_value((("predicts_whole_number", _predicts_whole_number),), entry="mse"),
        _rounded("mse"),
        mistake("errors_cancel", probe=lambda e: _is(e, "mse", 0.0)),
    ),
}


def _case(name: str, part: str, inputs: tuple[Any, ...], right: float, run: str, **how: Any) -> Case:
    return Case(name, inputs, {part: right}, run=run, diagnoses=_MISTAKES[part], **how)


_TEN = (10, np.array([1.0, 2.0, 2.0, 6.0]))
_TWO = (2, np.array([-4, 0, 3, 6, 6]))
_NARROW = (5, np.array([5000.25, 5001.5, 4999.0, 5003.25], dtype=np.float32))
#: Numbers of a type whose squares do not fit into it.
_SMALL = (5, np.array([20, 200, 40, 100], dtype=np.uint8))
_AT_THE_ENDS = {"weight": 0.5, "denies": False}
_FOR = "the mean squared error for"

BASELINES = Exercise(
    name="baseline_losses",
    points=1,
    cases=(
        _case("the cross-entropy for ten classes", "cross_entropy", _TEN, 2.3025851, "ten"),
        _case(f"{_FOR} targets 1, 2, 2, 6", "mse", _TEN, 3.6875, "ten"),
        _case("the cross-entropy for two classes", "cross_entropy", _TWO, 0.6931472, "two"),
        _case(f"{_FOR} whole numbers, some of them negative", "mse", _TWO, 14.56, "two"),
        _case(f"{_FOR} small whole numbers, of type uint8", "mse", _SMALL, 4900.0, "small", **_AT_THE_ENDS),
        _case(f"{_FOR} large targets of type float32", "mse", _NARROW, 2.46875, "narrow", **_AT_THE_ENDS),
    ),
)
