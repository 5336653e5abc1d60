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
    CLIPPED,
    INFINITY_REPLACED,
    LOGITS_CLIPPED,
    ONE_HOT,
    OVERFLOW,
    ROUNDED,
    SWAPPED_ARGUMENTS,
    accuracy,
    as_probabilities,
    costs,
    not_finite,
    of_right,
    row_costs,
    wrong_within_range,
)

__all__ = ["CROSS_ENTROPY", "own_work_case"]

# --- numbers that a mistake gives ----------------------------------------------------------------------------


def _log(p: Any) -> np.ndarray:
    """Return -ln p, infinite where p is 0, without a warning: a check must write nothing to standard error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-np.log(p))


def _without_exponential(z: np.ndarray, t: np.ndarray) -> OneOf:
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = z / np.sum(z, axis=1, keepdims=True)
    return OneOf(as_probabilities(z, t), _log(of_right(shares, t)).mean())


def _down_the_columns(z: np.ndarray, t: np.ndarray) -> OneOf:
    """Return the mean with the sums of the columns: each row's own column, or the mean over all columns."""
    sums = [np.logaddexp.reduce(x, axis=0).mean() - of_right(x, t).mean() for x in (z, z - z.max(axis=0))]
    return OneOf(of_right(costs(z, axis=0), t).mean(), *sums)


def _sigmoid(z: np.ndarray, t: np.ndarray) -> OneOf:
    """Return the binary cost of the right classes, or of all."""
    of_all = np.logaddexp(0, z).mean() - of_right(z, t).sum() / z.size
    return OneOf(np.logaddexp(0, -of_right(z, t)).mean(), of_all)


def _logarithm_of(base: int) -> Callable[[np.ndarray, np.ndarray], OneOf]:
    """Return what a logarithm with another base gives, be it of the probability or of the sum alone."""

    def give(z: np.ndarray, t: np.ndarray) -> OneOf:
        shifted = z - z.max(axis=1, keepdims=True)
        of_sums = np.logaddexp.reduce(shifted, axis=1) / math.log(base) - of_right(shifted, t)
        return OneOf(row_costs(z, t).mean() / math.log(base), of_sums.mean())

    return give


def _shifted_once(z: np.ndarray, t: np.ndarray) -> OneOf:
    """Return the mean where a number is subtracted from a row's logits in one of the two terms only."""
    shifts = (*(of(z, axis=1).mean() for of in (np.max, np.mean, np.min)), z.max())
    return OneOf(*(row_costs(z, t).mean() + sign * shift for shift in shifts for sign in (1, -1)))


def _every_class(z: np.ndarray, t: np.ndarray) -> OneOf:
    p = np.clip(np.exp(-costs(z)), 1e-300, 1 - 1e-16)
    y = np.eye(p.shape[1])[t]
    each = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1).mean()
    return OneOf(each, each / p.shape[1])


def _rescaled(z: np.ndarray, t: np.ndarray) -> OneOf:
    middle, spread = z.mean(axis=1, keepdims=True), z.std(axis=1, keepdims=True)
    by = (
        np.maximum(np.abs(z).max(axis=1, keepdims=True), 1e-30),
        max(np.abs(z).max(), 1e-30),
        np.maximum(spread, 1e-9),
    )
    return OneOf(*(row_costs(z / one, t).mean() for one in by), row_costs((z - middle) / (spread + 1e-9), t).mean())


def _one_too_many(z: np.ndarray, t: np.ndarray) -> OneOf:
    tables = (z - z.max(axis=1, keepdims=True), z)
    sums = [np.logaddexp(np.logaddexp.reduce(x, axis=1), 0) - of_right(x, t) for x in tables]
    return OneOf(*(rows.mean() for rows in sums))


def _rows_left_out(z: np.ndarray, t: np.ndarray) -> OneOf:
    parts = (row_costs(z, t)[rows] for rows in (slice(1, None), slice(None, -1), slice(1), slice(-1, None)))
    return OneOf(*(part.sum() / n for part in parts if len(part) for n in (len(part), len(t))))


def _smoothed(z: np.ndarray, t: np.ndarray) -> OneOf:
    return OneOf(*((1 - share) * row_costs(z, t).mean() + share * costs(z).mean() for share in (0.05, 0.1, 0.2)))


_GIVE: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], Any]], ...] = (
    ("double_softmax", lambda z, t: row_costs(np.exp(-costs(z)), t).mean()),
    ("probabilities_expected", _without_exponential),
    ("wrong_axis", _down_the_columns),
    ("whole_table", lambda z, t: of_right(costs(z, axis=None), t).mean()),
    ("always_first_class", lambda z, t: costs(z)[:, 0].mean()),
    ("class_before", lambda z, t: row_costs(z, t - 1).mean()),
    ("sigmoid", _sigmoid),
    ("logit", lambda z, t: OneOf(of_right(z, t).mean(), -of_right(z, t).mean())),
    ("not_divided/rows", lambda z, t: row_costs(z, t).sum()),
    ("times_probability", lambda z, t: (np.exp(-row_costs(z, t)) * row_costs(z, t)).mean()),
    ("classes_for_rows", lambda z, t: row_costs(z, t).sum() / z.shape[1]),
    ("divided_by_classes", lambda z, t: row_costs(z, t).mean() / z.shape[1]),
    ("sign", lambda z, t: -row_costs(z, t).mean()),
    ("log2", _logarithm_of(2)),
    ("log10", _logarithm_of(10)),
    ("shifted_once", _shifted_once),
    ("no_softmax", lambda z, t: _log(of_right(z, t)).mean()),
    ("no_logarithm", lambda z, t: 1 - np.exp(-row_costs(z, t)).mean()),
    ("probability", lambda z, t: OneOf(np.exp(-row_costs(z, t)).mean(), -np.exp(-row_costs(z, t)).mean())),
    ("log_of_mean", lambda z, t: float(_log(np.exp(-row_costs(z, t)).mean()))),
    ("largest_probability", lambda z, t: costs(z).min(axis=1).mean()),
    ("every_target", lambda z, t: costs(z)[:, t].mean()),
    ("all_classes", lambda z, t: costs(z).mean()),
    ("max_for_log_sum", lambda z, t: (z.max(axis=1) - of_right(z, t)).mean()),
    ("perplexity", lambda z, t: math.exp(min(row_costs(z, t).mean(), 700.0))),
    ("every_class_yes_or_no", _every_class),
    ("rows_changed", lambda z, t: OneOf(*(row_costs(z - of(z, axis=0), t).mean() for of in (np.max, np.mean, np.min)))),
    ("rescaled", _rescaled),
    ("one_too_many", _one_too_many),
    ("rows_left_out", _rows_left_out),
    ("smoothed", _smoothed),
    ("accuracy", accuracy),
)


def _claimed(give: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[[Evidence], Any]:
    """Return what a mistake gives on a case's inputs; ``None`` where what came back is no finite number."""

    def value(e: Evidence) -> Any:
        given = number_of(e.result)
        if given is None or not math.isfinite(given):
            return None
        return give(np.asarray(e.inputs[0], dtype=float), np.asarray(e.inputs[1]))

    return value


# --- numbers that cannot be stored -----------------------------------------------------------------------------


def _all_underflow(e: Evidence) -> bool:
    """Whether the logarithm of 0 was taken though no exponential of these logits overflows."""
    return number_of(e.result) == -math.inf and float(np.min(np.max(e.inputs[0], axis=1))) < 700


def _no_shift(e: Evidence) -> bool:
    """Whether it is no wrong shift: large logits overflow that lie close together, or such a row is right."""
    low, high = float(np.min(e.inputs[0])), float(np.max(e.inputs[0]))
    far_apart = low < -500 and high > 500 and len(e.inputs[1]) == 1
    right = far_apart and near(number_of(e.result), float(e.expected))
    return right or wrong_within_range(e) or (not_finite(e) and low > 80)


_UNDERFLOW = mistake("underflow", probe=_all_underflow)
_SHIFT = mistake("shift", probe=not_finite, denied=_no_shift)
_SHIFT_ONE_FOR_ALL = mistake("one_shift_for_all_rows", probe=not_finite, denied=_no_shift)
_LOG_OF_ZERO = mistake("log_of_zero", probe=not_finite, denied=wrong_within_range)
#: None of these shows where all exponentials can be stored; a plain case that is wrong denies them.
_OUT_OF_RANGE = (OVERFLOW, _SHIFT, _SHIFT_ONE_FOR_ALL, _LOG_OF_ZERO, CLIPPED)
_LARGE = (OVERFLOW, _SHIFT, _SHIFT_ONE_FOR_ALL)
_SMALL = (_UNDERFLOW, _SHIFT, _LOG_OF_ZERO, OVERFLOW, CLIPPED)


# --- whose work it is --------------------------------------------------------------------------------------------

#: Libraries that have this loss ready-made, and how their functions for it are called.
_LIBRARIES = {"torch", "keras", "tensorflow", "sklearn", "jax"}
_READY_MADE = ("cross_entropy", "crossentropy", "nll_loss", "log_loss")


def _note_library(answer: Any, record: dict[str, Any], logits: np.ndarray, targets: np.ndarray) -> Any:
    """Call the answer, and note which ready-made losses were called meanwhile."""
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
    """Whether the right number came from a library's loss."""
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
        _case(
            "the docstring's example",
            [[2.0, 0.0, 1.0], [0.0, 3.0, -1.0]],
            [2, 1],
            0.7367449,
            *_OUT_OF_RANGE,
            weight=0.5,
        ),
        _case("four equal logits: knowing nothing", [[5.0, 5.0, 5.0, 5.0]], [1], 1.3862944, *_OUT_OF_RANGE, weight=0.5),
        _case("a logit of 1000", [[1000.0, 990.0]], [1], 10.0000454, *_LARGE, **_AT_THE_ENDS),
        _case("a logit of 20000", [[20000.0, 19990.0]], [1], 10.0000454, *_LARGE, **_AT_THE_ENDS, weight=0.5),
        _case("logits of 1000 and -1000 in one row", _ONE_ROW, [4], 0.6931472, _SHIFT, OVERFLOW, **_AT_THE_ENDS),
        _case(
            "a probability too small to be stored", [[0.0, -1000.0]], [1], 1000.0, *_SMALL, **_AT_THE_ENDS, weight=3.0
        ),
        _case("three rows, two classes", [[1.0, -1.0], [0.5, 2.0], [-3.0, 0.5]], [0, 0, 1], 0.6193639, weight=0.5),
        _case("two rows that lie far apart", _FAR, [2, 1], 1.4803035, *_LARGE[::-1], **_AT_THE_ENDS),
        own_work_case(
            "two rows far apart, and your own computation",
            (np.array([[999.0, 1000.0, 1000.0], [-900.0, -900.0, -900.0]]), np.array([0, 2])),
            1.4803035,
            diagnoses=(mistake("ready_made_loss", probe=_ready_made), *_LARGE[::-1]),
        ),
    ),
    diagnoses=(
        _UNDERFLOW,
        INFINITY_REPLACED,
        LOGITS_CLIPPED,
        SWAPPED_ARGUMENTS,
        ONE_HOT,
        *by_claim(
            ((name, _claimed(give)) for name, give in _GIVE), lambda e: number_of(e.result), lambda e: e.expected
        ),
        ROUNDED,
        mistake("one_value_a_row", probe=lambda e: bool(list_of(e.result))),
    ),
)
