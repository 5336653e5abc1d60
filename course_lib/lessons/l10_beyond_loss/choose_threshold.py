"""Lesson 10, `choose_threshold`: a threshold from validation rows and costs, and its cost on test rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches, near
from course_lib.checks.mistakes import by_sign, by_value
from course_lib.checks.reading import numbers_in

__all__ = ["CHOOSE_THRESHOLD", "threshold_case"]

Row = Sequence[float]
Found = tuple[float, float]


@dataclass(frozen=True)
class Rows:
    """The rows of a case as arrays, and what mistakes cost."""

    scores: np.ndarray
    y: np.ndarray
    test_scores: np.ndarray
    test_y: np.ndarray
    miss: float
    alarm: float

    def count(self, threshold: float, test: bool = False, above: bool = False) -> tuple[int, int, int]:
        """Return the misses, the false alarms and the hits at a threshold."""
        scores, y = (self.test_scores, self.test_y) if test else (self.scores, self.y)
        alarms = scores > threshold if above else scores >= threshold
        return int((~alarms & (y == 1)).sum()), int((alarms & (y == 0)).sum()), int((alarms & (y == 1)).sum())

    def total(self, threshold: float, **how: bool) -> float:
        """Return the cost of all rows together."""
        missed, false, _ = self.count(threshold, **how)
        return self.miss * missed + self.alarm * false


def _read(val_scores: Row, val_y: Row, test_scores: Row, test_y: Row, miss: float, alarm: float) -> Rows:
    scores, y, test, labels = (np.asarray(side, float) for side in (val_scores, val_y, test_scores, test_y))
    return Rows(scores, y, test, labels, miss, alarm)


#: How one fault chooses and reports: what is made least of, from which candidates, and of equals the first or last.
Worth = Callable[[Rows, float], float]


def _cost(rows: Rows, threshold: float) -> float:
    return rows.total(threshold)


def _candidates(rows: Rows) -> list[float]:
    return [math.inf, *sorted(set(rows.scores.tolist()), reverse=True)]


def _f1(rows: Rows, threshold: float) -> float:
    missed, false, hits = rows.count(threshold)
    return -2 * hits / (2 * hits + missed + false) if hits else 0.0


def _fault(
    worth: Worth = _cost,
    candidates: Callable[[Rows], list[float]] = _candidates,
    last: bool = False,
    pick: Callable[[Rows], float] | None = None,
    test: bool = True,
    above: bool = False,
    per_row: bool = True,
    reported: bool = False,
) -> Callable[..., Found | None]:
    """Return what comes of choosing and reporting otherwise; a rule without a fault is what learners are to write.

    With ``reported``, what the choice makes least of is also what is reported of the test rows.
    """
    if (worth, candidates, last, pick, test, above, per_row) == (_cost, _candidates, False, None, True, False, True):
        raise ValueError("this is no fault")

    def found(*inputs: Any) -> Found | None:
        rows = _read(*inputs)
        tried = candidates(rows)
        if pick is not None:
            threshold = pick(rows)
        elif not tried:
            return None
        else:
            worths = [worth(rows, t) for t in tried]
            places = [k for k, value in enumerate(worths) if value <= min(worths) + 1e-12]
            threshold = tried[places[-1 if last else 0]]
        n = (len(rows.test_y) if test else len(rows.y)) if per_row else 1
        cost = worth(_on_test(rows), threshold) if reported else rows.total(threshold, test=test, above=above)
        return threshold, cost / n

    return found


def _on_test(rows: Rows) -> Rows:
    return Rows(rows.test_scores, rows.test_y, rows.test_scores, rows.test_y, rows.miss, rows.alarm)


def _swapped(rows: Rows, threshold: float) -> float:
    missed, false, _ = rows.count(threshold)
    return rows.alarm * missed + rows.miss * false


def _mistakes(rows: Rows, threshold: float) -> float:
    missed, false, _ = rows.count(threshold)
    return missed + false


def _best_on_test(rows: Rows) -> float:
    tried = _candidates(_on_test(rows))
    return tried[int(np.argmin([rows.total(t, test=True) for t in tried]))]


def _above(rows: Rows, threshold: float) -> float:
    return rows.total(threshold, above=True)


def _rate(of: int) -> Worth:
    """Return the worth that counts one kind of mistake alone."""
    return lambda rows, threshold: rows.count(threshold)[of]


def _by_share(rows: Rows, threshold: float) -> float:
    """Return the cost with each kind of mistake as a share of its own class."""
    missed, false, _ = rows.count(threshold)
    return rows.miss * missed / max(1, int(rows.y.sum())) + rows.alarm * false / max(1, int((rows.y == 0).sum()))


def _every_alarm(rows: Rows, threshold: float) -> float:
    missed, false, hits = rows.count(threshold)
    return rows.miss * missed + rows.alarm * (false + hits)


def _every_quiet_row(rows: Rows, threshold: float) -> float:
    _, false, hits = rows.count(threshold)
    return rows.miss * (len(rows.y) - false - hits) + rows.alarm * false


_FAULTS: tuple[tuple[str, Callable[..., Found | None]], ...] = (
    ("chosen_on_test_set/threshold", _fault(pick=_best_on_test)),
    (
        "chosen_on_test_set/threshold",
        _fault(lambda rows, t: rows.total(t, test=True)),
    ),
    ("validation_cost_reported", _fault(test=False)),
    ("costs_swapped", _fault(_swapped)),
    ("costs_not_used", _fault(_mistakes)),
    ("f1_maximized", _fault(_f1)),
    ("half_taken", _fault(pick=lambda rows: 0.5)),
    ("threshold_of_the_costs", _fault(pick=lambda rows: rows.alarm / (rows.alarm + rows.miss))),
    ("threshold_counts_as_no_alarm", _fault(_above, above=True)),
    ("threshold_counts_as_no_alarm", _fault(_above)),
    ("threshold_counts_as_no_alarm", _fault(above=True)),
    ("lower_of_equals", _fault(last=True)),
    ("no_alarms_not_tried", _fault(candidates=lambda rows: _candidates(rows)[1:])),
    ("highest_not_tried", _fault(candidates=lambda rows: [math.inf, *_candidates(rows)[2:]])),
    ("lowest_not_tried", _fault(candidates=lambda rows: _candidates(rows)[:-1])),
    ("shares_of_classes", _fault(_by_share)),
    ("one_mistake_only", _fault(_rate(0))),
    ("one_mistake_only", _fault(_rate(1))),
    ("hits_cost_as_alarms", _fault(_every_alarm, reported=True)),
    ("quiet_rows_cost_as_misses", _fault(_every_quiet_row, reported=True)),
    ("highest_cost_taken", _fault(lambda rows, t: -rows.total(t))),
    ("cost_not_divided", _fault(per_row=False)),
)


def _no_candidate(e: Evidence) -> bool:
    """Whether the threshold is a number, and none of the validation scores."""
    given = numbers_in(e.given)
    threshold = given[0] if given else None
    if threshold is None or not math.isfinite(threshold):
        return False
    return not any(near(threshold, score) for score in _read(*e.inputs).scores.tolist())


THRESHOLD_NAMES = ("threshold", "cost")


def threshold_case(name: str, inputs: Any, expected: Any, hint: str = "", denies: bool = True) -> Case:
    """Return a case of validation rows, test rows and costs."""
    return Case(name, inputs, expected, hint, compare=Matches(names=THRESHOLD_NAMES), denies=denies)


INF = math.inf
_SCORES = [0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1]
_TEST = [0.95, 0.85, 0.65, 0.55, 0.45, 0.3, 0.15, 0.05]

CHOOSE_THRESHOLD = Exercise(
    name="choose_threshold",
    points=2,
    cases=(
        threshold_case(
            "the docstring's example",
            ([0.9, 0.6, 0.4, 0.2], [1, 0, 1, 0], [0.8, 0.5, 0.3, 0.1], [1, 0, 1, 0], 5, 1),
            [0.4, 1.5],
        ),
        threshold_case(
            "misses cost more",
            (_SCORES, [1, 0, 1, 0, 0, 1, 0, 0], _TEST, [1, 1, 0, 0, 1, 0, 1, 0], 4, 1),
            [0.3, 7 / 8],
        ),
        threshold_case(
            "false alarms cost more",
            (_SCORES, [1, 0, 1, 1, 0, 1, 0, 0], _TEST, [0, 1, 1, 0, 1, 0, 0, 0], 1, 4),
            [0.9, 7 / 8],
        ),
        threshold_case(
            "logits for scores",
            (
                [2.5, 1.5, -0.5, -1.0, -2.0, -3.0, -3.5, 0.25],
                [1, 0, 1, 0, 1, 0, 0, 0],
                [3.0, -2.0, -0.75, -1.5, -4.0, 0.5, -2.5, 1.0],
                [1, 1, 0, 0, 0, 1, 0, 0],
                6,
                1,
            ),
            [-2.0, 3 / 8],
        ),
        threshold_case(
            "two thresholds that cost the same",
            (_SCORES, [1, 0, 1, 0, 0, 0, 1, 0], _TEST, [1, 0, 0, 1, 0, 1, 1, 0], 3, 1),
            [0.7, 10 / 8],
        ),
        threshold_case(
            "no alarm pays",
            (_SCORES, [0, 0, 1, 0, 0, 0, 1, 0], _TEST, [1, 0, 0, 1, 0, 0, 0, 1], 1, 3),
            [INF, 3 / 8],
        ),
        threshold_case(
            "no alarm costs the same as some",
            (_SCORES, [0, 1, 0, 0, 1, 0, 0, 0], _TEST, [1, 0, 0, 1, 0, 0, 0, 1], 2, 2),
            [INF, 6 / 8],
        ),
        threshold_case(
            "several rows with one score",
            (
                [0.75, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125],
                [1, 1, 1, 0, 0, 0, 1, 0],
                [0.5, 0.5, 0.25, 0.75, 0.125, 0.5, 0.25, 0.5],
                [1, 0, 1, 0, 1, 1, 0, 0],
                3,
                2,
            ),
            [0.5, 12 / 8],
        ),
        threshold_case(
            "alarms for all",
            (_SCORES, [1, 0, 0, 1, 0, 0, 0, 1], _TEST, [0, 1, 0, 0, 1, 0, 1, 1], 9, 1),
            [0.1, 13 / 8],
        ),
    ),
    diagnoses=(
        *by_value(_FAULTS),
        *by_sign((("threshold_between_scores", _no_candidate),)),
    ),
)
