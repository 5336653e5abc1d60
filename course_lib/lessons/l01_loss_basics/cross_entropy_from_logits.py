"""Lesson 01, `cross_entropy_from_logits`: its visible cases, and what can go wrong from logits to a loss."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.mistakes import by_claim, mistake
from course_lib.checks.plain import list_of, number_of
from course_lib.lessons.l01_loss_basics.losses import (
    ONE_HOT,
    ROUNDED,
    SWAPPED_ARGUMENTS,
    accuracy,
    as_probabilities,
    costs,
    of_right,
    row_costs,
)
from course_lib.lessons.l01_loss_basics.out_of_range import IN_ANY_CASE, LARGE, OUT_OF_RANGE, OVERFLOW, SHIFT, SMALL

__all__ = ["CROSS_ENTROPY", "own_work_case"]

# --- numbers that a mistake gives ----------------------------------------------------------------------------


class _Logits:
    """A case's logits ``z`` and right classes ``t``; an error, which fits no mistake, if no finite number came back."""

    def __init__(self, e: Evidence):
        self.given, self.expected = number_of(e.result), e.expected
        if self.given is None or not math.isfinite(self.given):
            raise ValueError("there is no number to compare")
        self.z, self.t = np.asarray(e.inputs[0], dtype=float), np.asarray(e.inputs[1])
        #: What each class would cost, what the right ones cost, and their logits.
        self.costs, self.rows, self.right = costs(self.z), row_costs(self.z, self.t), of_right(self.z, self.t)
        self.shifted = self.z - self.z.max(axis=1, keepdims=True)

    def mean(self, z: np.ndarray) -> float:
        """Return the mean cost of other logits."""
        return float(row_costs(z, self.t).mean())


def _without_exponential(b: _Logits) -> OneOf:
    shares = b.z / np.sum(b.z, axis=1, keepdims=True)
    return OneOf(as_probabilities(b.z, b.t), -np.log(of_right(shares, b.t)).mean())


def _down_the_columns(b: _Logits) -> OneOf:
    """Return the mean with the sums of the columns: each row's own column, or the mean over all columns."""
    sums = [np.logaddexp.reduce(x, axis=0).mean() - of_right(x, b.t).mean() for x in (b.z, b.z - b.z.max(axis=0))]
    return OneOf(of_right(costs(b.z, axis=0), b.t).mean(), *sums)


def _in_base(b: _Logits, base: int) -> OneOf:
    """Return what a logarithm with another base gives, be it of the probability or of the sum alone."""
    of_sums = np.logaddexp.reduce(b.shifted, axis=1) / math.log(base) - of_right(b.shifted, b.t)
    return OneOf(b.rows.mean() / math.log(base), of_sums.mean())


def _shifted_once(b: _Logits) -> OneOf:
    """Return the mean where a number is subtracted from a row's logits in one of the two terms only."""
    shifts = (*(of(b.z, axis=1).mean() for of in (np.max, np.mean, np.min)), b.z.max())
    return OneOf(*(b.rows.mean() + sign * shift for shift in shifts for sign in (1, -1)))


def _every_class(b: _Logits) -> OneOf:
    p = np.clip(np.exp(-b.costs), 1e-300, 1 - 1e-16)
    y = np.eye(p.shape[1])[b.t]
    each = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1).mean()
    return OneOf(each, each / p.shape[1])


def _rescaled(b: _Logits) -> OneOf:
    middle, spread, size = b.z.mean(axis=1, keepdims=True), b.z.std(axis=1, keepdims=True), np.abs(b.z)
    by = (np.maximum(size.max(axis=1, keepdims=True), 1e-30), max(size.max(), 1e-30), np.maximum(spread, 1e-9))
    return OneOf(*(b.mean(b.z / one) for one in by), b.mean((b.z - middle) / (spread + 1e-9)))


def _one_too_many(b: _Logits) -> OneOf:
    sums = ((np.logaddexp.reduce(x, axis=1), of_right(x, b.t)) for x in (b.shifted, b.z))
    return OneOf(*((np.logaddexp(total, 0) - right).mean() for total, right in sums))


def _rows_left_out(b: _Logits) -> OneOf:
    parts = (b.rows[1:], b.rows[:-1], b.rows[:1], b.rows[-1:])
    return OneOf(*(part.sum() / n for part in parts if len(part) for n in (len(part), len(b.t))))


_GIVE: tuple[tuple[str, Callable[[_Logits], Any]], ...] = (
    ("double_softmax", lambda b: b.mean(np.exp(-b.costs))),
    ("probabilities_expected", _without_exponential),
    ("wrong_axis", _down_the_columns),
    ("whole_table", lambda b: of_right(costs(b.z, axis=None), b.t).mean()),
    ("always_first_class", lambda b: b.costs[:, 0].mean()),
    ("class_before", lambda b: of_right(b.costs, b.t - 1).mean()),
    # The binary cost of the right classes, or of all.
    (
        "sigmoid",
        lambda b: OneOf(np.logaddexp(0, -b.right).mean(), np.logaddexp(0, b.z).mean() - b.right.sum() / b.z.size),
    ),
    ("logit", lambda b: OneOf(b.right.mean(), -b.right.mean())),
    ("not_divided/rows", lambda b: b.rows.sum()),
    ("times_probability", lambda b: (np.exp(-b.rows) * b.rows).mean()),
    ("classes_for_rows", lambda b: b.rows.sum() / b.z.shape[1]),
    ("divided_by_classes", lambda b: b.rows.mean() / b.z.shape[1]),
    ("sign", lambda b: -b.rows.mean()),
    ("log2", lambda b: _in_base(b, 2)),
    ("log10", lambda b: _in_base(b, 10)),
    ("shifted_once", _shifted_once),
    ("no_softmax", lambda b: -np.log(b.right).mean()),
    ("no_logarithm", lambda b: 1 - np.exp(-b.rows).mean()),
    ("probability", lambda b: OneOf(np.exp(-b.rows).mean(), -np.exp(-b.rows).mean())),
    ("log_of_mean", lambda b: -np.log(np.exp(-b.rows).mean())),
    ("largest_probability", lambda b: b.costs.min(axis=1).mean()),
    ("every_target", lambda b: b.costs[:, b.t].mean()),
    ("all_classes", lambda b: b.costs.mean()),
    ("max_for_log_sum", lambda b: (b.z.max(axis=1) - b.right).mean()),
    ("perplexity", lambda b: math.exp(min(b.rows.mean(), 700.0))),
    ("every_class_yes_or_no", _every_class),
    ("rows_changed", lambda b: OneOf(*(b.mean(b.z - of(b.z, axis=0)) for of in (np.max, np.mean, np.min)))),
    ("rescaled", _rescaled),
    ("one_too_many", _one_too_many),
    ("rows_left_out", _rows_left_out),
    ("smoothed", lambda b: OneOf(*((1 - s) * b.rows.mean() + s * b.costs.mean() for s in (0.05, 0.1, 0.2)))),
    ("accuracy", lambda b: accuracy(b.z, b.t)),
)


# --- whose work it is --------------------------------------------------------------------------------------------

#: Libraries that have this loss ready-made, and how their functions for it are called.
_LIBRARIES = {"torch", "keras", "tensorflow", "sklearn", "jax"}
_READY_MADE = ("cross_entropy", "crossentropy", "nll_loss", "log_loss")


def _note_library(answer: Any, record: dict[str, Any], logits: np.ndarray, targets: np.ndarray) -> Any:
    called: set[str] = set()

    def look(frame: FrameType, event: str, _: Any) -> None:
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        name = frame.f_code.co_name
        if event == "call" and library in _LIBRARIES and any(loss in name.lower() for loss in _READY_MADE):
            called.add(f"{library}'s {name}")

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        return answer(logits, targets)
    finally:
        sys.setprofile(before)
        record["ready_made"] = sorted(called)


def _ready_made(e: Evidence) -> bool:
    return bool(e.seen.get("ready_made")) and near(number_of(e.result), float(e.expected))


def _called_a_library(e: Evidence) -> str | None:
    found = e.seen.get("ready_made")
    return f"the number is right, and {found[0]} computed it" if found else None


def own_work_case(name: str, inputs: Any, expected: Any, **settings: Any) -> Case:
    """Return a case that is right if the right loss was computed without a library's ready-made one.

    It weighs as much as several others: a call of the library says nothing about what the exercise asks.
    """
    return Case(
        name, inputs, expected, observe=_note_library, judge=_called_a_library, weight=6.0, denies=False, **settings
    )


# --- the cases ----------------------------------------------------------------------------------------------

#: Whoever stumbles over such logits may have any other fault as well.
_AT_THE_ENDS = {"denies": False}
_ONE_ROW = [[1000.0, -1000.0, -1000.0, -1000.0, 1000.0]]
_FAR = [[1000.0, 1000.0, 999.0], [-900.0, -900.0, -900.0]]


def _case(name: str, logits: Any, targets: list[int], right: float, *mistakes: Diagnosis, **how: Any) -> Case:
    return Case(name, (np.array(logits), np.array(targets)), right, diagnoses=mistakes, **how)


# Plain logits weigh little: a formula that only holds for them is where the exercise begins.
CROSS_ENTROPY = Exercise(
    name="cross_entropy_from_logits",
    points=2,
    cases=(
        _case("the docstring's example", [[2.0, 0, 1], [0, 3, -1]], [2, 1], 0.7367449, *OUT_OF_RANGE, weight=0.5),
        _case("four equal logits: knowing nothing", [[5.0] * 4], [1], 1.3862944, *OUT_OF_RANGE, weight=0.5),
        _case("a logit of 1000", [[1000.0, 990.0]], [1], 10.0000454, *LARGE, **_AT_THE_ENDS),
        _case("a logit of 20000", [[20000.0, 19990.0]], [1], 10.0000454, *LARGE, **_AT_THE_ENDS, weight=0.5),
        _case("logits of 1000 and -1000 in one row", _ONE_ROW, [4], 0.6931472, SHIFT, OVERFLOW, **_AT_THE_ENDS),
        _case("a probability too small to be stored", [[0.0, -1000]], [1], 1000.0, *SMALL, **_AT_THE_ENDS, weight=3.0),
        _case("three rows, two classes", [[1.0, -1.0], [0.5, 2.0], [-3.0, 0.5]], [0, 0, 1], 0.6193639, weight=0.5),
        _case("two rows that lie far apart", _FAR, [2, 1], 1.4803035, *LARGE[::-1], **_AT_THE_ENDS),
        own_work_case(
            "two rows far apart, and your own computation",
            (np.array([[999.0, 1000.0, 1000.0], [-900.0, -900.0, -900.0]]), np.array([0, 2])),
            1.4803035,
            diagnoses=(mistake("ready_made_loss", probe=_ready_made), *LARGE[::-1]),
        ),
    ),
    diagnoses=(
        *IN_ANY_CASE,
        SWAPPED_ARGUMENTS,
        ONE_HOT,
        *by_claim(_GIVE, lambda b: b.given, lambda b: b.expected, read=_Logits),
        ROUNDED,
        mistake("one_value_a_row", probe=lambda e: bool(list_of(e.result))),
    ),
)
