"""Lesson 08, `smooth_targets`: the targets of label smoothing, and the loss below which they let nobody go."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches, near
from course_lib.checks.mistakes import by_claim, mistake
from course_lib.checks.plain import dict_of, list_of, number_of

__all__ = ["NAMES", "SMOOTH_TARGETS"]

Labels = Sequence[int]
Rows = list[list[float]]
NAN = math.nan
#: What the two parts of the answer are called in messages.
NAMES = Matches(names=("targets", "floor"))


def _rows(labels: Labels, n: int, right: float, other: float) -> Rows:
    """Return a row for each label with one number at its place and another at all others."""
    return [[right if k == label else other for k in range(n)] for label in labels]


#: What each mistake gives for the targets; ``None`` where it gives nothing else than what is right.
_TARGETS: tuple[tuple[str, Callable[[Labels, int, float], Rows | None]], ...] = (
    ("eps_over_wrong_classes", lambda y, n, e: _rows(y, n, 1 - e, e / (n - 1))),
    ("targets_sum_below_one", lambda y, n, e: _rows(y, n, 1 - e, e / n)),
    ("targets_sum_above_one", lambda y, n, e: _rows(y, n, 1 - e + e / n, e / (n - 1))),
    ("targets_sum_above_one", lambda y, n, e: _rows(y, n, 1.0, e / n)),
    ("targets_sum_above_one", lambda y, n, e: _rows(y, n, 1 - e, e)),
    ("eps_for_the_right_class", lambda y, n, e: _rows(y, n, e + (1 - e) / n, (1 - e) / n)),
    ("targets_one_hot", lambda y, n, e: _rows(y, n, 1.0, 0.0)),
    ("counted_from_one/labels", lambda y, n, e: _rows([(k - 1) % n for k in y], n, 1 - e + e / n, e / n)),
)


def _entropy(right: float, other: float, others: int, log: Callable[[float], float] = math.log) -> float:
    shares = [right, *[other] * others]
    return -sum(p * log(p) for p in shares if p > 0)


def _q(n: int, e: float) -> float:
    return 1 - e + e / n


#: What each mistake gives for the floor.
_FLOORS: tuple[tuple[str, Callable[[Labels, int, float], float]], ...] = (
    ("log2", lambda y, n, e: _entropy(_q(n, e), e / n, n - 1, math.log2)),
    ("log10", lambda y, n, e: _entropy(_q(n, e), e / n, n - 1, math.log10)),
    ("floor_summed", lambda y, n, e: len(y) * _entropy(_q(n, e), e / n, n - 1)),
    ("floor_averaged", lambda y, n, e: _entropy(_q(n, e), e / n, n - 1) / n),
    ("floor_of_right_class", lambda y, n, e: -math.log(_q(n, e))),
    ("floor_of_right_class", lambda y, n, e: -_q(n, e) * math.log(_q(n, e))),
    ("sign/floor", lambda y, n, e: -_entropy(_q(n, e), e / n, n - 1)),
    ("loss_of_guessing", lambda y, n, e: math.log(n)),
    ("eps_over_wrong_classes/floor", lambda y, n, e: _entropy(1 - e, e / (n - 1), n - 1)),
    ("floor_of_one_hot_answer", lambda y, n, e: e),
)


def _part(e: Evidence, place: int) -> Any:
    """Return one of the two parts of the answer, or ``None``."""
    entries = dict_of(e.given)
    parts = list(entries.values()) if entries is not None else list_of(e.given) or []
    return parts[place] if len(parts) == 2 else None


def _floor(e: Evidence) -> float | None:
    found = _part(e, 1)
    return None if found is None else number_of(found)


def _targets_claim(value: Callable[[Labels, int, float], Rows | None]) -> Callable[[Evidence], Rows | None]:
    """Return what a mistake gives for the targets, unless it happens to be right."""

    def made(e: Evidence) -> Rows | None:
        found = value(*e.inputs)
        return None if found is None or np.allclose(found, e.expected[0]) else found

    return made


def _floor_claim(value: Callable[[Labels, int, float], float]) -> Callable[[Evidence], float | None]:
    """Return what a mistake gives for the floor, unless it is right, or 0, which many mistakes give."""

    def made(e: Evidence) -> float | None:
        found = value(*e.inputs)
        return None if near(found, float(e.expected[1])) or found == 0 else found

    return made


def _rows_given(e: Evidence) -> list[Any]:
    return list_of(_part(e, 0)) or []


def _other_width(e: Evidence) -> bool:
    rows = [list_of(row) or [] for row in _rows_given(e)]
    return bool(rows) and len(rows) == len(e.inputs[0]) and all(row and len(row) != e.inputs[1] for row in rows)


SMOOTH_TARGETS = Exercise(
    name="smooth_targets",
    points=2,
    cases=tuple(
        Case(name, inputs, expected, compare=NAMES)
        for name, inputs, expected in (
            ("the docstring's example", ([2], 4, 0.2), [[[0.05, 0.05, 0.85, 0.05]], 0.5875034]),
            (
                "ten classes, two rows",
                ([0, 9], 10, 0.1),
                [[[0.91, *[0.01] * 9], [*[0.01] * 9, 0.91]], 0.5002880],
            ),
            (
                "classes that no label has",
                ([1, 1, 1], 5, 0.5),
                [[[0.1, 0.6, 0.1, 0.1, 0.1]] * 3, 1.2275293],
            ),
            ("two classes", ([1, 0], 2, 0.4), [[[0.2, 0.8], [0.8, 0.2]], 0.5004024]),
            ("eps of 0: nothing is smoothed", ([1, 0], 3, 0.0), [[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], 0.0]),
        )
    ),
    diagnoses=(
        mistake(
            "nan_without_smoothing",
            probe=lambda e: e.inputs[2] == 0 and _floor(e) is not None and math.isnan(_floor(e) or 0.0),
        ),
        mistake("classes_of_the_labels", probe=_other_width),
        *by_claim(
            ((name, _targets_claim(value)) for name, value in _TARGETS), lambda e: _part(e, 0), lambda e: e.expected[0]
        ),
        mistake("pair_swapped/targets", probe=lambda e: list_of(_part(e, 1)) is not None),
        *by_claim(((name, _floor_claim(value)) for name, value in _FLOORS), _floor, lambda e: e.expected[1]),
        mistake("floor_thought_zero", probe=lambda e: e.expected[1] > 0 and _floor(e) == 0),
    ),
)
