"""Lesson 01, `cross_entropy_from_logits`: what goes wrong where an exponential or a probability can't be stored."""

from __future__ import annotations

import math

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, OneOf
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import number_of
from course_lib.lessons.l01_loss_basics.losses import of_right, row_costs

__all__ = ["IN_ANY_CASE", "LARGE", "OUT_OF_RANGE", "OVERFLOW", "SHIFT", "SMALL"]


def _naive_costs(e: Evidence) -> np.ndarray:
    """Return what the rows cost where exponentials, sums and logarithms are taken one after the other."""
    with np.errstate(all="ignore"):
        exponentials = np.exp(np.asarray(e.inputs[0], dtype=float))
        return -np.log(of_right(exponentials / exponentials.sum(axis=1, keepdims=True), e.inputs[1]))


def _wrong_within_range(e: Evidence) -> bool:
    """Whether a case whose exponentials can all be stored is wrong as well."""
    return bool(np.all(np.isfinite(_naive_costs(e)))) and not near(number_of(e.result), float(e.expected))


def _infinity_replaced(e: Evidence) -> bool:
    """Whether a case out of range gave the mean of the other rows, or nothing but 0 or the largest number."""
    given, costs = number_of(e.result), _naive_costs(e)
    fine = costs[np.isfinite(costs)]
    if given is None or not math.isfinite(given) or len(fine) == len(costs):
        return False
    means = (float(fine.sum()) / len(costs), float(fine.mean()) if len(fine) else 0.0)
    return given > 1e300 or (abs(given) < 1e-12 < e.expected) or any(near(given, mean) for mean in means if mean)


#: Limits that people set to a logit: round numbers, and where an exponential of single or double precision ends.
_LIMITS = (10, 15, 20, 30, 50, 60, 80, 85, 87, 88, 88.7, 100, 200, 300, 500, 600, 700, 709, 709.7, 710, 745, 1e4, 11000)


def _clipped_logits(e: Evidence) -> Claim | None:
    z, t = np.asarray(e.inputs[0], dtype=float), e.inputs[1]
    clipped = (np.clip(z, low, limit) for limit in _LIMITS for low in (-limit, -math.inf))
    return Claim(e.given, OneOf(*(row_costs(x, t).mean() for x in clipped), float(e.expected)), e.expected)


#: What people add to a probability, or raise it to, before they take its logarithm.
_ADDED = (
    *(10.0**-power for power in range(3, 31)),
    *(1e-45, 1e-50, 1e-100, 1e-150, 1e-200, 1e-250, 1e-299, 1e-300, 1e-305, 1e-306, 1e-307, 1e-308, 1e-310, 1e-320),
    *(5e-324, *(float(getattr(np.finfo(of), what)) for of in (np.float32, np.float64) for what in ("eps", "tiny"))),
)
#: What a row then costs at most, beside limits that people set to that by hand.
_MOST = (*(-math.log(small) for small in _ADDED), 10, 20, 30, 50, 100, 200, 250, 300, 400, 500)


def _clipped(e: Evidence) -> bool:
    given = number_of(e.result)
    return given is not None and any(near(given, cost, rel=2e-3) and cost < 0.999 * e.expected for cost in _MOST)


def _not_finite(e: Evidence) -> bool:
    """Whether the answer gave no finite number, or stopped with the error that a library has for that."""
    if e.error is not None:
        if e.error["type"] == "ValueError":  # math.log(0) and math.exp(inf), in the words of several Pythons
            return any(words in e.error["message"] for words in ("math domain", "math range", "a positive input"))
        return e.error["type"] in ("OverflowError", "ZeroDivisionError", "FloatingPointError")
    number = number_of(e.result)
    return number is not None and not math.isfinite(number)


def _all_underflow(e: Evidence) -> bool:
    """Whether the logarithm of 0 was taken though no exponential of these logits overflows."""
    return number_of(e.result) == -math.inf and float(np.min(np.max(e.inputs[0], axis=1))) < 700


def _no_shift(e: Evidence) -> bool:
    """Whether it is no wrong shift: large logits overflow that lie close together, or such a row is right."""
    low, high = float(np.min(e.inputs[0])), float(np.max(e.inputs[0]))
    far_apart = low < -500 and high > 500 and len(e.inputs[1]) == 1
    right = far_apart and near(number_of(e.result), float(e.expected))
    return right or _wrong_within_range(e) or (_not_finite(e) and low > 80)


SHIFT = mistake("shift", probe=_not_finite, denied=_no_shift)
OVERFLOW = mistake(
    "overflow",
    probe=lambda e: _not_finite(e) and float(np.max(e.inputs[0])) > 80,
    denied=_wrong_within_range,
    fields={"largest": lambda e: f"{float(np.max(e.inputs[0])):.0f}"},
)
_UNDERFLOW = mistake("underflow", probe=_all_underflow)
_SHIFT_ONE_FOR_ALL = mistake("one_shift_for_all_rows", probe=_not_finite, denied=_no_shift)
_LOG_OF_ZERO = mistake("log_of_zero", probe=_not_finite, denied=_wrong_within_range)
_CLIPPED = mistake("clipped", probe=_clipped, denied=_wrong_within_range)

#: None of these shows where all exponentials can be stored; a plain case that is wrong denies them.
OUT_OF_RANGE = (OVERFLOW, SHIFT, _SHIFT_ONE_FOR_ALL, _LOG_OF_ZERO, _CLIPPED)
LARGE = OUT_OF_RANGE[:3]
SMALL = (_UNDERFLOW, SHIFT, _LOG_OF_ZERO, OVERFLOW, _CLIPPED)
IN_ANY_CASE = (
    _UNDERFLOW,
    mistake("infinity_replaced", probe=_infinity_replaced, denied=_wrong_within_range),
    mistake("logits_clipped", claim=_clipped_logits, denied=_wrong_within_range),
)
