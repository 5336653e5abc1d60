"""Lesson 10, `calibration_error`: the expected calibration error of a table of probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.mistakes import by_sign, by_value
from course_lib.checks.plain import list_of, number_of

__all__ = ["CALIBRATION_ERROR"]

Table = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Bins:
    """What each bin holds: rows, the sum of their confidences, and how many of them are right; empty ones included."""

    rows: np.ndarray
    confidence: np.ndarray
    right: np.ndarray

    @property
    def gaps(self) -> np.ndarray:
        """The mean confidence less the share that is right, 0 in an empty bin."""
        return (self.confidence - self.right) / np.maximum(self.rows, 1)


def _bins(confidence: np.ndarray, right: np.ndarray, place: np.ndarray, bins: int) -> Bins:
    """Put rows into bins by their place; what lies outside is lost."""
    kept = (place >= 0) & (place < bins)
    place = place[kept]
    sums = (np.bincount(place, weights=w[kept], minlength=bins) for w in (np.ones(len(right)), confidence, right))
    return Bins(*sums)


def _top(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return p.max(axis=1), (p.argmax(axis=1) == y).astype(float)


def _of_class_1(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return p[:, 1], (y == 1).astype(float)


def _of_class_1_but_right(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return p[:, 1], (p.argmax(axis=1) == y).astype(float)


def _of_label(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return p[np.arange(len(y)), y], (p.argmax(axis=1) == y).astype(float)


def _right_edge_in(confidence: np.ndarray, bins: int) -> np.ndarray:
    return np.asarray(np.ceil(confidence * bins - 1e-9) - 1).astype(int)


def _left_edge_in(confidence: np.ndarray, bins: int) -> np.ndarray:
    """Return the bins with 1 in the last of them."""
    return np.minimum(np.floor(confidence * bins + 1e-9).astype(int), bins - 1)


def _one_is_lost(confidence: np.ndarray, bins: int) -> np.ndarray:
    return np.floor(confidence * bins + 1e-9).astype(int)


def _from_the_lowest(confidence: np.ndarray, bins: int, rounding: float, low: float | None = None) -> np.ndarray:
    """Return bins that begin at the lowest confidence; one on an edge goes as it is rounded.

    That is the lowest there is, or `low`, the lowest there can be: one by the number of classes.
    """
    low = float(confidence.min()) if low is None else low
    width = (1 - low) / bins
    if not width:
        return np.zeros(len(confidence), int)
    return np.maximum(np.ceil((confidence - low) / width + rounding) - 1, 0).clip(max=bins - 1).astype(int)


def _equally_full(confidence: np.ndarray, bins: int) -> np.ndarray:
    place = np.zeros(len(confidence), int)
    for k, rows in enumerate(np.array_split(np.argsort(confidence, kind="stable"), bins)):
        place[rows] = k
    return place


def _weighted(found: Bins, n: int) -> float:
    return float((found.rows * np.abs(found.gaps)).sum() / n)


def _lost_rows(found: Bins, n: int) -> OneOf:
    """Return the error where some rows are in no bin, by all rows and by those that are in one."""
    return OneOf(_weighted(found, n), _weighted(found, max(1, int(found.rows.sum()))))


Place = Callable[[np.ndarray, int], np.ndarray]


def _fault(
    of: Callable[..., tuple[np.ndarray, np.ndarray]] = _top,
    place: Place = _right_edge_in,
    error: Callable[[Bins, int], Any] = _weighted,
) -> Callable[[Table, Sequence[int], int], Any]:
    """Return what comes of another confidence, other bins or another mean; with none of these it is no fault."""
    if (of, place, error) == (_top, _right_edge_in, _weighted):
        raise ValueError("this is no fault")

    def found(probabilities: Table, labels: Sequence[int], bins: int) -> Any:
        p, y = np.asarray(probabilities, float), np.asarray(labels, int)
        confidence, right = of(p, y)
        return error(_bins(confidence, right, place(confidence, bins), bins), len(y))

    return found


def _filled(found: Bins) -> np.ndarray:
    return np.abs(found.gaps[found.rows > 0])


def _to_the_middle(found: Bins, n: int) -> float:
    bins = len(found.rows)
    middles = (np.arange(bins) + 0.5) / bins
    gaps = np.abs(found.right / np.maximum(found.rows, 1) - middles)
    return float((found.rows * gaps).sum() / n)


def _fixed_bins(probabilities: Table, labels: Sequence[int], bins: int) -> OneOf | None:
    """Return the errors with one of the usual numbers of bins, where another one is asked for."""
    if bins in (10, 15):
        return None
    p, y = np.asarray(probabilities, float), np.asarray(labels, int)
    confidence, right = _top(p, y)
    cut = [_bins(confidence, right, _right_edge_in(confidence, count), count) for count in (10, 15)]
    return OneOf(*(_weighted(found, len(y)) for found in cut))


#: The more specific first.
_ERRORS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("class_1_for_confidence", _fault(_of_class_1)),
    ("class_1_for_confidence", _fault(_of_class_1_but_right)),
    ("probability_of_the_label", _fault(_of_label)),
    (
        "gaps_cancel",
        _fault(error=lambda found, n: OneOf(*(s * float((found.rows * found.gaps).sum()) / n for s in (1, -1)))),
    ),
    ("gaps_cancel", _fault(error=lambda found, n: abs(float((found.rows * found.gaps).sum())) / n)),
    ("bins_count_alike", _fault(error=lambda found, n: float(_filled(found).mean()))),
    ("bins_count_alike/empty", _fault(error=lambda found, n: float(np.abs(found.gaps).mean()))),
    ("bins_count_alike/sum", _fault(error=lambda found, n: float(_filled(found).sum()))),
    ("largest_gap", _fault(error=lambda found, n: float(_filled(found).max()))),
    ("gaps_squared", _fault(error=lambda found, n: float((found.rows * found.gaps**2).sum() / n))),
    ("gaps_squared", _fault(error=lambda found, n: float((found.rows * found.gaps**2).sum() / n) ** 0.5)),
    ("sure_rows_lost", _fault(place=_one_is_lost, error=_lost_rows)),
    ("other_edge_in", _fault(place=_left_edge_in)),
    (
        "bins_from_the_lowest",
        lambda *inputs: OneOf(
            *(
                _fault(place=partial(_from_the_lowest, rounding=r, low=low))(*inputs)
                for r in (-1e-9, 1e-9, 0.0)
                for low in (None, 1 / len(inputs[0][0]))
            )
        ),
    ),
    ("bins_equally_full", _fault(place=_equally_full)),
    ("middle_of_the_bin", _fault(error=_to_the_middle)),
    ("not_divided/rows_in_bins", _fault(error=lambda found, n: float((found.rows * np.abs(found.gaps)).sum()))),
    ("accuracy/calibration", _fault(error=lambda found, n: float(found.right.sum() / n))),
    (
        "each_row_alone",
        lambda p, y, bins: float(np.abs(np.subtract(*_top(np.asarray(p, float), np.asarray(y)))).mean()),
    ),
    ("fifteen_bins", _fixed_bins),
)


def _empty_bin_divides(e: Evidence) -> bool:
    """Whether the result is no number, or a division by zero ended it, where a bin has no rows."""
    if e.error is not None:
        return e.error["type"] == "ZeroDivisionError"
    number = number_of(e.result)
    return number is not None and number != number


def _two(*first: float) -> list[list[float]]:
    """Return a table of two classes from the probabilities of class 1."""
    return [[1 - p, p] for p in first]


CALIBRATION_ERROR = Exercise(
    name="calibration_error",
    points=2,
    cases=(
        Case(
            "the docstring's example",
            ([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]], [0, 1, 0, 0], 2),
            0.25,
        ),
        Case(
            "two bins that err in opposite directions",
            (_two(0.65, 0.3, 0.6, 0.95, 0.9, 0.08, 0.97, 0.35), [1, 0, 1, 0, 1, 1, 1, 0], 4),
            0.3925,
        ),
        Case(
            "bins without rows",
            (_two(0.62, 0.64, 0.35, 0.93, 0.04, 0.97), [1, 0, 1, 1, 0, 1], 10),
            0.175,
        ),
        Case(
            "three classes",
            (
                np.array([[0.5, 0.3, 0.2], [0.1, 0.15, 0.75], [0.05, 0.9, 0.05], [0.2, 0.42, 0.38], [0.85, 0.1, 0.05]]),
                np.array([1, 2, 1, 2, 0]),
                5,
            ),
            0.284,
        ),
        Case(
            "confidences on the edges",
            (_two(0.75, 0.75, 1.0, 0.25, 1.0, 0.875, 0.0, 0.625), [1, 1, 1, 0, 0, 1, 0, 0], 4),
            0.125,
        ),
        Case("one bin", (_two(0.9, 0.8, 0.3, 0.55, 0.4), [1, 1, 0, 0, 1], 1), 0.11),
        Case("a single row that is wrong", (_two(0.7), [0], 5), 0.7),
    ),
    diagnoses=(
        *by_sign(
            (
                ("empty_bin_divides", _empty_bin_divides),
                ("gap_of_each_bin", lambda e: list_of(e.result) is not None),
            )
        ),
        *by_value(_ERRORS),
    ),
)
