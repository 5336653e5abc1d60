"""Lesson 01, `mse`: its visible cases, and what can go wrong between two arrays and one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.mistakes import by_claim, mistake
from course_lib.checks.plain import list_of, number_of
from course_lib.lessons.l01_loss_basics.losses import ROUNDED, said, small_type

__all__ = ["MSE"]


class _Rows:
    """Predictions and targets of a case, flat and of floats, and their errors."""

    def __init__(self, e: Evidence):
        self.e, self.inputs = e, e.inputs
        self.p, self.t = (np.ravel(x).astype(float) for x in e.inputs)
        self.n, self.errors = len(self.t), self.p - self.t
        self.squares, self.size = self.errors**2, np.abs(self.errors)

    @property
    def pairs(self) -> np.ndarray:
        """The squares of each prediction with each target, where shapes that differ are broadcast to them."""
        p, t = self.inputs
        return (np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2 if np.shape(p) != np.shape(t) else np.array([])


def _rows_left_out(r: _Rows) -> OneOf:
    parts = (r.squares[1:], r.squares[:-1], r.squares[-1:]) if r.n > 1 else ()
    return OneOf(*(np.sum(part) / n for part in parts for n in (len(part), r.n)))


def _huber(r: _Rows) -> OneOf:
    log_cosh = np.logaddexp(r.errors, -r.errors) - math.log(2)
    return OneOf(np.mean(np.where(r.size <= 1, 0.5 * r.squares, r.size - 0.5)), np.mean(log_cosh))


def _of_logarithms(r: _Rows) -> OneOf:
    with np.errstate(all="ignore"):
        return OneOf(*(np.mean((log(np.abs(r.p)) - log(np.abs(r.t))) ** 2) for log in (np.log1p, np.log)))


def _squares_subtracted(r: _Rows) -> OneOf:
    differences = r.p**2 - r.t**2
    return OneOf(np.mean(differences), -np.mean(differences), np.mean(np.abs(differences)))


def _wrapped(r: _Rows) -> OneOf | None:
    """Return the mean square where errors, or only their squares, are computed in the arrays' own type."""
    p, t = map(np.ravel, r.inputs)
    if not small_type(p, t):
        return None
    own, errors = np.result_type(p, t), p - t
    cut = r.errors.astype(own)
    squares = (errors**2, errors.astype(float) ** 2, cut.astype(float) ** 2, cut**2, np.abs(errors).astype(float) ** 2)
    return OneOf(*map(np.mean, squares), float(np.sum(errors**2, dtype=own)) / r.n, np.mean(r.squares))


def _cut(r: _Rows) -> OneOf:
    # Of whole inputs alone: what only those suffer need not show where one of them holds floats.
    right = None if all(np.asarray(x).dtype.kind in "iu" for x in r.inputs) else r.e.expected
    return OneOf(float(math.floor(r.e.expected)), right)


#: What the mistakes give.
_GIVE: tuple[tuple[str, Callable[[_Rows], Any]], ...] = (
    ("wraps_around", _wrapped),
    ("always_three_rows", lambda r: np.sum(r.squares) / 3),
    ("root_divided_by_rows", lambda r: np.sqrt(np.sum(r.squares)) / r.n),
    ("first_row_only", lambda r: OneOf(*(r.squares[0] / n for n in {1, r.n}))),
    ("errors_cut_to_whole_numbers", lambda r: np.mean(np.trunc(r.errors) ** 2)),
    ("not_divided/squares", lambda r: np.sum(r.squares)),
    ("mae", lambda r: np.mean(r.size)),
    ("rmse", lambda r: np.sqrt(np.mean(r.squares))),
    ("half", lambda r: np.mean(r.squares) / 2),
    ("square_of_mean", lambda r: np.mean(r.errors) ** 2),
    ("mean_error", lambda r: np.mean(r.errors)),
    ("mean_error", lambda r: -np.mean(r.errors)),  # targets minus predictions
    ("variance_of_errors", lambda r: np.var(r.errors) if r.n > 1 else None),
    ("divided_by_n_minus_1", lambda r: np.sum(r.squares) / (r.n - 1) if r.n > 1 else None),
    ("divided_by_n_plus_1", lambda r: np.sum(r.squares) / (r.n + 1)),
    ("rows_left_out", _rows_left_out),
    ("largest_or_median", lambda r: OneOf(*(of(r.squares) for of in (np.max, np.min, np.median)))),
    ("other_power", lambda r: OneOf(*(np.mean(r.size**power) for power in (0.5, 3, 4)), np.mean(r.squares) ** 0.25)),
    ("huber", _huber),
    ("zeros_left_out", lambda r: np.mean(r.squares[r.errors != 0]) if np.any(r.errors != 0) else None),
    ("broadcast", lambda r: OneOf(np.mean(r.pairs), np.mean(r.squares)) if r.pairs.size else None),
    ("broadcast_sum", lambda r: OneOf(np.sum(r.pairs), np.sum(r.pairs) / r.n) if r.pairs.size and r.n > 1 else None),
    (
        "inputs_cut_to_whole_numbers/arrays",
        lambda r: OneOf(*(np.mean((p - t) ** 2) for p in (r.p, np.trunc(r.p)) for t in (r.t, np.trunc(r.t)))),
    ),
    ("relative_errors", lambda r: OneOf(*(np.mean((r.errors / by) ** 2) for by in (r.p, r.t) if np.all(by != 0)))),
    ("of_logarithms", _of_logarithms),
    ("rows_not_matched", lambda r: OneOf(np.mean((np.sort(r.p) - np.sort(r.t)) ** 2), np.mean((r.p[::-1] - r.t) ** 2))),
    ("squares_subtracted", _squares_subtracted),
    ("added", lambda r: np.mean((r.p + r.t) ** 2)),
    ("cut_to_whole_number", _cut),
)


def _one_element(e: Evidence) -> bool:
    items = list_of(e.result)
    while items is not None and len(items) == 1 and number_of(items[0]) is None:
        items = list_of(items[0])
    return items is not None and len(items) == 1


def _mean_among_others(e: Evidence) -> bool:
    """Whether the right number came back beside something that is a list or an array itself."""
    items = list_of(e.result) or []
    lists = any(list_of(item) is not None for item in items)
    return lists and any(near(number_of(item), float(e.expected)) for item in items)


def _one_value_a_row(e: Evidence) -> bool:
    return len(list_of(e.result) or []) == len(e.inputs[1]) and not _mean_among_others(e)


def _tensors_expected(e: Evidence) -> bool:
    return said(e, "'int' object is not callable") and "loss" in (e.error or {})["line"].lower()


def _case(name: str, predictions: Any, targets: Any, right: float, **how: Any) -> Case:
    return Case(name, (np.array(predictions), np.array(targets)), right, **how)


_BYTES = [np.array(values, dtype=np.uint8) for values in ([250, 3, 100], [230, 10, 101])]

#: The weight of a case that the one line everybody writes first gets right: the exercise is about shapes and types.
_PLAIN = 0.2

MSE = Exercise(
    name="mse",
    points=2,
    cases=(
        _case("three rows", [1.0, 2.0, 4.0], [1.0, 4.0, 1.0], 4.3333333, weight=_PLAIN),
        _case("a single row", [2.5], [1.0], 2.25, weight=_PLAIN),
        _case("predictions of shape (n, 1), targets of shape (n,)", [[1.0], [2.0], [4.0]], [1.0, 4.0, 1.0], 4.3333333),
        _case("predictions of shape (n,), targets of shape (n, 1)", [4.0, 2.0], [[1.0], [2.5]], 4.625),
        _case("four rows of whole numbers", [3, -2, 7, 4], [1, 1, 2, -9], 51.75, weight=_PLAIN),
        _case("whole numbers predicted, targets with fractions", [1, 2], [0.5, 2.75], 0.40625, weight=_PLAIN),
        _case("predictions with fractions, whole targets", [0.5, 2.75], [1, 2], 0.40625, weight=_PLAIN),
        _case("small whole numbers, of type uint8", _BYTES[0], _BYTES[1], 150.0, denies=False),
    ),
    diagnoses=(
        mistake("arrays_for_tensors", probe=_tensors_expected),
        mistake("exclusive_or", probe=lambda e: said(e, "bitwise_xor")),
        *by_claim(_GIVE, lambda r: r.e.given, lambda r: r.e.expected, read=_Rows),
        ROUNDED,
        mistake("more_than_the_mean", probe=_mean_among_others),
        mistake("one_element_array", probe=_one_element),
        mistake("one_value_a_row", probe=_one_value_a_row),
    ),
)
