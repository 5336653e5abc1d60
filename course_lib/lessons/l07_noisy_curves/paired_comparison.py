"""Lesson 07, `paired_comparison`: a difference between two setups, its standard error, and how many seeds it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches, near
from course_lib.checks.mistakes import by_claim, mistake
from course_lib.checks.reading import numbers_in

__all__ = ["PAIRED_COMPARISON"]

Losses = Sequence[float]
Worth = Callable[[np.ndarray, np.ndarray], float]
NAN, INF = math.nan, math.inf


def _spread(losses: np.ndarray, ddof: int = 1) -> float:
    return float(losses.std(ddof=ddof)) if len(losses) > 1 else NAN


def _seeds(spread: float, difference: float, whole: Callable[[float], float] = math.ceil) -> float:
    """Return (2.8 * spread / difference) squared, as a whole number of at least 2."""
    if not math.isfinite(spread) or not math.isfinite(difference) or difference == 0:
        return NAN
    return max(2, whole((2.8 * spread / difference) ** 2))


def _unpaired(a: np.ndarray, b: np.ndarray) -> float:
    return math.hypot(_spread(a), _spread(b))


#: What each mistake gives for the difference of the means.
_DIFFERENCES: tuple[tuple[str, Worth], ...] = (
    ("sign/difference", lambda a, b: float((a - b).mean())),
    ("sign_dropped/difference", lambda a, b: abs(float((b - a).mean()))),
    ("median_for_mean/difference", lambda a, b: float(np.median(b - a))),
    ("best_seeds_compared", lambda a, b: float(b.min() - a.min())),
    ("not_divided/difference", lambda a, b: float((b - a).sum())),
    ("relative_difference", lambda a, b: float((b - a).mean() / a.mean())),
)
#: For the standard error.
_ERRORS: tuple[tuple[str, Worth], ...] = (
    ("unpaired_error", lambda a, b: _unpaired(a, b) / math.sqrt(len(a))),
    ("sorted_apart", lambda a, b: _spread(np.sort(b) - np.sort(a)) / math.sqrt(len(a))),
    ("divided_by_n", lambda a, b: _spread(b - a) / len(a)),
    ("spread_not_error", lambda a, b: _spread(b - a)),
    ("population_spread", lambda a, b: _spread(b - a, 0) / math.sqrt(len(a))),
    ("variance/standard_error", lambda a, b: _spread(b - a) ** 2 / math.sqrt(len(a))),
    ("error_of_one_side", lambda a, b: _spread(a) / math.sqrt(len(a))),
    ("error_of_one_side", lambda a, b: _spread(b) / math.sqrt(len(b))),
)
#: For the number of seeds.
_NEEDED: tuple[tuple[str, Worth], ...] = (
    ("unpaired_error/seeds", lambda a, b: _seeds(_unpaired(a, b), (b - a).mean())),
    ("seeds_from_error", lambda a, b: _seeds(_spread(b - a) / math.sqrt(len(a)), (b - a).mean())),
    ("not_rounded_up", lambda a, b: _seeds(_spread(b - a), (b - a).mean(), float)),
    ("not_rounded_up", lambda a, b: float(2.8 * _spread(b - a) / (b - a).mean()) ** 2),
    ("two_seeds_added", lambda a, b: _seeds(_spread(b - a), (b - a).mean()) + 2),
    ("two_seeds_added", lambda a, b: _seeds(_spread(b - a), (b - a).mean(), lambda n: math.ceil(n) + 2)),
    ("two_seeds_added", lambda a, b: n + 2 if (n := _seeds(_spread(b - a), (b - a).mean())) < 20 else NAN),
    ("rounded/seeds", lambda a, b: _seeds(_spread(b - a), (b - a).mean(), round)),
    ("cut_to_whole_number/seeds", lambda a, b: _seeds(_spread(b - a), (b - a).mean(), math.floor)),
    ("not_squared", lambda a, b: max(2, math.ceil(abs(2.8 * _spread(b - a) / (b - a).mean())))),
    ("two_standard_errors", lambda a, b: max(2, math.ceil((2 * _spread(b - a) / (b - a).mean()) ** 2))),
    ("two_standard_errors", lambda a, b: max(2, math.ceil((1.96 * _spread(b - a) / (b - a).mean()) ** 2))),
    ("population_spread/seeds", lambda a, b: _seeds(_spread(b - a, 0), (b - a).mean())),
    ("seeds_had_already", lambda a, b: float(len(a)) if len(a) > 1 and a.mean() != b.mean() else NAN),
)


def _at(place: int) -> Callable[[Evidence], float | None]:
    def read(e: Evidence) -> float | None:
        found = numbers_in(e.given)
        return found[place] if place < len(found) else None

    return read


def _claims(table: tuple[tuple[str, Worth], ...], place: int) -> tuple[Any, ...]:
    """Return the mistakes in one of the three numbers."""

    def value(worth: Worth) -> Callable[[Evidence], float | None]:
        def made(e: Evidence) -> float | None:
            with np.errstate(all="ignore"):
                try:
                    found = worth(*(np.asarray(side, float) for side in e.inputs))
                except (ValueError, ZeroDivisionError, OverflowError):
                    return None
            return None if math.isnan(found) or near(found, float(e.expected[place])) else found

        return made

    rows = ((name, value(worth)) for name, worth in table)
    return by_claim(rows, _at(place), lambda e: float(e.expected[place]))


PAIRED_COMPARISON = Exercise(
    name="paired_comparison",
    points=2,
    cases=tuple(
        Case(name, inputs, expected, compare=Matches(names=("difference", "standard_error", "seeds_needed")))
        for name, inputs, expected in (
            ("the docstring's example", ([0.30, 0.40, 0.50], [0.28, 0.37, 0.49]), [-0.02, 0.01 / math.sqrt(3), 2]),
            (
                "seeds that differ far more than the setups",
                ([0.20, 0.90, 0.50, 0.70], [0.21, 0.98, 0.53, 0.71]),
                [0.0325, 0.0165201897, 9],
            ),
            ("no pattern between the pairs", ([0.5, 0.7, 0.6], [0.7, 0.5, 0.7]), [1 / 30, 0.1201850425, 306]),
            ("one seed says nothing about the spread", ([0.31], [0.29]), [-0.02, NAN, NAN]),
            ("no difference at all", ([0.25, 0.5, 0.75], [0.5, 0.5, 0.5]), [0.0, 0.1443375673, INF]),
            ("the same difference under every seed", ([1.0, 2.0, 4.0], [0.75, 1.75, 3.75]), [-0.25, 0.0, 2]),
        )
    ),
    diagnoses=(
        mistake("one_seed_certain", probe=lambda e: len(e.inputs[0]) == 1 and _at(1)(e) == 0),
        *_claims(_DIFFERENCES, 0),
        *_claims(_ERRORS, 1),
        *_claims(_NEEDED, 2),
        mistake("fewer_than_two_seeds", probe=lambda e: (given := _at(2)(e)) is not None and given < 2),
    ),
)
