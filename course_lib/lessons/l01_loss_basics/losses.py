"""Lesson 01: what rows cost, and what goes wrong at the ends of a type's range, where numbers wrap or overflow."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.compare import Matches, near
from course_lib.checks.diagnosis import Claim, OneOf
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import number_of

__all__ = [
    "CLIPPED",
    "EXACT",
    "INFINITY_REPLACED",
    "LOGITS_CLIPPED",
    "ONE_HOT",
    "OVERFLOW",
    "ROUNDED",
    "SWAPPED_ARGUMENTS",
    "WRAPS_AROUND",
    "accuracy",
    "as_probabilities",
    "costs",
    "not_finite",
    "of_right",
    "row_costs",
    "said",
    "squares_subtracted",
    "whole_inputs",
    "wrapped_variances",
    "wrong_within_range",
]


def costs(z: np.ndarray, axis: int | None = 1) -> np.ndarray:
    """Return what each class would cost if it were the right one: -ln of the softmax over an axis."""
    z = np.asarray(z, dtype=float)
    largest = z.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(z - largest).sum(axis=axis, keepdims=True)) + largest - z)


def of_right(values: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return what each row holds for its right class."""
    return np.asarray(values[np.arange(len(t)), t])


def row_costs(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return what each row costs: -ln of the probability of its right class."""
    return of_right(costs(z), t)


def as_probabilities(z: np.ndarray, t: np.ndarray) -> float:
    """Return what Keras's loss for probabilities makes of logits: it clips them and scales rows to a sum of 1."""
    p = np.clip(np.asarray(z, dtype=float), 1e-7, 1 - 1e-7)
    return float(-np.log(of_right(p / p.sum(axis=1, keepdims=True), t)).mean())


def accuracy(z: np.ndarray, t: np.ndarray) -> OneOf:
    """Return the share of rows that the largest logit gets right, and the share that it gets wrong."""
    right = np.argmax(z, axis=1) == t
    return OneOf(right.mean(), 1 - right.mean())


def said(e: Evidence, words: str) -> bool:
    """Whether the answer stopped with an error whose message matches the words."""
    return e.error is not None and re.search(words, e.error["message"]) is not None


#: Told by what the two libraries say.
SWAPPED_ARGUMENTS = mistake(
    "swapped_loss_arguments",
    probe=lambda e: said(e, r"not implemented for 'Long'|(output|logits)\.shape=\(\d+,\)"),
)
ONE_HOT = mistake("one_hot_expected", probe=lambda e: said(e, "must have the same rank"))


def _small(*arrays: np.ndarray) -> bool:
    return all(array.dtype.kind in "iu" and array.dtype.itemsize < 8 for array in arrays)


def _wrapped_squares(predictions: np.ndarray, targets: np.ndarray) -> OneOf | None:
    """Return the mean square where errors, or only their squares, are computed in the arrays' own type."""
    p, t = np.ravel(predictions), np.ravel(targets)
    if not _small(p, t):
        return None
    errors, wide = p - t, p.astype(float) - t.astype(float)
    own = np.result_type(p, t)
    return OneOf(
        float(np.mean(errors**2)),
        float(np.mean(errors.astype(float) ** 2)),
        float(np.mean(wide.astype(own).astype(float) ** 2)),
        float(np.mean(wide.astype(own) ** 2)),
        float(np.sum(errors**2, dtype=own)) / len(p),
        float(np.mean(np.abs(errors).astype(float) ** 2)),
        float(np.mean(wide**2)),
    )


WRAPS_AROUND = mistake("wraps_around", faulty=_wrapped_squares)


def wrapped_variances(targets: np.ndarray) -> OneOf | None:
    """Return the variance where the squares, or the mean as well, are computed in the targets' own type."""
    if not _small(targets):
        return None
    mean, own = np.mean(targets), targets.dtype
    return OneOf(
        np.mean(targets**2) - mean**2,
        np.mean((targets - own.type(mean)) ** 2),
        np.mean((targets - own.type(mean)).astype(float) ** 2),
        np.mean((targets - own.type(round(float(mean)))) ** 2),
        np.var(targets),
    )


def squares_subtracted(targets: np.ndarray) -> OneOf | None:
    """Return what the mean of the squares minus the square of the mean gives, where the type holds too few digits."""
    if targets.dtype != np.float32:
        return None
    squares, mean = np.mean(targets**2), np.mean(targets)
    values = {float(squares - mean**2), float(squares - float(mean) ** 2), float(squares) - float(mean) ** 2}
    return OneOf(*sorted(values))


def _naive_costs(z: Any, t: Any) -> np.ndarray:
    """Return what the rows cost where exponentials, sums and logarithms are taken one after the other."""
    logits = np.asarray(z, dtype=float)
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        p = e / e.sum(axis=1, keepdims=True)
        return np.asarray(-np.log(p[np.arange(len(p)), t]))


def _out_of_range(e: Evidence) -> bool:
    """Whether a row's plain exponentials can't be stored."""
    return not np.all(np.isfinite(_naive_costs(*e.inputs)))


def _infinity_replaced(e: Evidence) -> bool:
    """Whether a case out of range gave the mean of the other rows, or nothing but 0 or the largest number."""
    given, costs = number_of(e.result), _naive_costs(*e.inputs)
    if given is None or not math.isfinite(given) or not _out_of_range(e):
        return False
    fine = costs[np.isfinite(costs)]
    means = (float(fine.sum()) / len(costs), float(fine.mean()) if len(fine) else 0.0)
    return given > 1e300 or (abs(given) < 1e-12 < e.expected) or any(near(given, mean) for mean in means if mean)


def wrong_within_range(e: Evidence) -> bool:
    """Whether a case whose exponentials can all be stored is wrong as well."""
    return not _out_of_range(e) and not near(number_of(e.result), float(e.expected))


INFINITY_REPLACED = mistake("infinity_replaced", probe=_infinity_replaced, denied=wrong_within_range)


#: Limits that people set to a logit: round numbers, and where an exponential of single or double precision ends.
_LIMITS = (10, 15, 20, 30, 50, 60, 80, 85, 87, 88, 88.7, 100, 200, 300, 500, 600, 700, 709, 709.7, 710, 745, 1e4, 11000)


def _clipped_logits(e: Evidence) -> Claim | None:
    z, t = np.asarray(e.inputs[0], dtype=float), e.inputs[1]
    values = []
    for limit in _LIMITS:
        for low in (-limit, -math.inf):
            cut = np.clip(z, low, limit)
            values.append(float(np.mean(np.logaddexp.reduce(cut, axis=1) - cut[np.arange(len(cut)), t])))
    return Claim(e.given, OneOf(*values, float(e.expected)), e.expected)


LOGITS_CLIPPED = mistake("logits_clipped", claim=_clipped_logits, denied=wrong_within_range)

#: What people add to a probability, or raise it to, before they take its logarithm.
_SMALL = (
    *(10.0**-power for power in range(3, 31)),
    *(1e-45, 1e-50, 1e-100, 1e-150, 1e-200, 1e-250, 1e-299, 1e-300, 1e-305, 1e-306, 1e-307, 1e-308, 1e-310, 1e-320),
    *(5e-324, *(float(getattr(np.finfo(of), what)) for of in (np.float32, np.float64) for what in ("eps", "tiny"))),
)


#: Limits that people set by hand to what a row may cost.
_ROUND_LIMITS = (10, 20, 30, 50, 100, 200, 250, 300, 400, 500)


def _clipped(e: Evidence) -> bool:
    """Whether the case cost what so small a probability costs, or a round number, though the right class costs more."""
    given = number_of(e.result)
    costs = (*(-math.log(small) for small in _SMALL), *_ROUND_LIMITS)
    return given is not None and any(near(given, cost, rel=2e-3) and cost < 0.999 * e.expected for cost in costs)


CLIPPED = mistake("clipped", probe=_clipped, denied=wrong_within_range)


def whole_inputs(e: Evidence, right: float) -> tuple[float, ...]:
    """Return what is right where an input holds floats: what only whole numbers suffer need not show there."""
    return () if all(np.asarray(x).dtype.kind in "iu" for x in e.inputs) else (right,)


#: Told apart is what is right and what is rounded to three decimals.
EXACT = Matches(rel=1e-9, abs_=1e-12)


def _rounded(e: Evidence) -> Claim:
    right = float(e.expected)
    cut = [math.floor(right * 10**digits) / 10**digits for digits in (1, 2, 3)]
    return Claim(e.given, OneOf(*(round(right, digits) for digits in (1, 2, 3)), *cut), right)


ROUNDED = mistake("rounded", claim=_rounded, compare=EXACT)


def not_finite(e: Evidence) -> bool:
    """Whether the answer gave no finite number, or stopped with the error that a library has for that."""
    if e.error is not None:
        if e.error["type"] == "ValueError":  # math.log(0) and math.exp(inf), in the words of several Pythons
            return any(words in e.error["message"] for words in ("math domain", "math range", "a positive input"))
        return e.error["type"] in ("OverflowError", "ZeroDivisionError", "FloatingPointError")
    number = number_of(e.result)
    return number is not None and not math.isfinite(number)


OVERFLOW = mistake(
    "overflow",
    probe=lambda e: not_finite(e) and float(np.max(e.inputs[0])) > 80,
    denied=wrong_within_range,
    fields={"largest": lambda e: f"{float(np.max(e.inputs[0])):.0f}"},
)
