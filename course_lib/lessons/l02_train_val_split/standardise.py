"""Lesson 02, training and validation split: the graded exercises and their visible cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import list_of

__all__ = ["PAIR", "STANDARDISE"]

#: Scaled values lie around 1, so an absolute tolerance of single precision suits them.
PAIR = Matches(abs_=1e-4, names=("train", "val"))


def _not_zero(spread: Any) -> np.ndarray:
    """Return a measure of spread, 1 where it is 0."""
    return np.asarray(np.where(spread == 0, 1.0, spread))


def _spread(x: Any, **how: Any) -> np.ndarray:
    """Return the standard deviation, 1 where it is 0."""
    return _not_zero(np.std(x, **how))


def _by(x: Any, of: Any, axis: int | None = 0) -> np.ndarray:
    """Return ``x``, standardised by the statistics of ``of``."""
    keep = axis == 1
    return np.asarray((x - np.mean(of, axis=axis, keepdims=keep)) / _spread(of, axis=axis, keepdims=keep))


def _around(x: Any, of: Any, middle: Any) -> np.ndarray:
    """Return the differences from ``middle``, divided by the standard deviation of ``of``."""
    return np.asarray((x - middle) / _spread(of, axis=0))


def _both(train: Any, val: Any) -> np.ndarray:
    return np.concatenate([train, val])


def _numbers(plain: Any) -> list[float]:
    if plain["kind"] == "number":
        return [float(plain["value"])]
    return [value for item in list_of(plain) or [] for value in _numbers(item)]


def _not_finite(e: Evidence) -> bool:
    """Whether a number that is none, or an enormous one, came back."""
    return any(not abs(value) < 1e6 for value in _numbers(e.result))


def _gave(e: Evidence, faulty: Callable[[Any, Any], Any]) -> bool:
    return PAIR(e.given, faulty(*(np.asarray(x, dtype=float) for x in e.inputs))) is None


def _mistake(name: str, faulty: Callable[[Any, Any], Any]) -> Diagnosis:
    def claim(e: Evidence) -> Claim | None:
        # A division by zero on top of the mistake leaves nothing to compare.
        if _not_finite(e):
            return None
        return Claim(e.given, faulty(*(np.asarray(x, dtype=float) for x in e.inputs)), e.expected)

    return mistake(name, claim=claim, compare=PAIR)


#: The rounding of a mean leaves equal numbers such as 0.1 a spread of 1e-17, and a difference of as little.
ROUNDING_SPREAD = mistake("rounding_spread", probe=lambda e: _not_finite(e) and not any(np.isnan(_numbers(e.result))))

STANDARDISE = Exercise(
    name="standardise",
    points=2,
    cases=(
        Case(
            "two training rows, two columns",
            (np.array([[0.0, 10.0], [4.0, 30.0]]), np.array([[6.0, 20.0], [2.0, 50.0]])),
            [[[-1.0, -1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 3.0]]],
            compare=PAIR,
        ),
        Case(
            "whole numbers, four training rows, a single validation row",
            (np.array([[8, -2], [0, 2], [2, -2], [2, 2]]), np.array([[12, 1]])),
            [[[1.6666667, -1.0], [-1.0, 1.0], [-0.3333333, -1.0], [-0.3333333, 1.0]], [[3.0, 0.5]]],
            compare=PAIR,
        ),
        Case(
            "a column that does not vary in the training rows",
            (np.array([[3.0, 8.0], [7.0, 8.0]]), np.array([[5.0, 8.0], [9.0, 10.0]])),
            [[[-1.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [2.0, 2.0]]],
            compare=PAIR,
        ),
        Case(
            "a column of equal fractions",
            (np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 6.0]]), np.array([[0.1, 3.0], [0.6, 5.0]])),
            [[[0.0, -0.9258201], [0.0, -0.46291005], [0.0, 1.3887301]], [[0.0, 0.0], [0.5, 0.9258201]]],
            compare=PAIR,
            diagnoses=(ROUNDING_SPREAD,),
            weight=0.5,
            denies=False,
        ),
    ),
    diagnoses=(
        mistake(
            "changed_inputs/standardise",
            probe=lambda e: bool(e.seen.get("changed")) and _gave(e, lambda t, v: [_by(t, t), v]),
        ),
        _mistake("statistics_from_all_rows", lambda t, v: [_by(t, _both(t, v)), _by(v, _both(t, v))]),
        _mistake("val_by_its_own/standardise", lambda t, v: [_by(t, t), _by(v, v)]),
        _mistake("statistics_from_val", lambda t, v: [_by(t, v), _by(v, v)]),
        _mistake(
            "spread_from_all_rows", lambda t, v: [(x - t.mean(axis=0)) / _spread(_both(t, v), axis=0) for x in (t, v)]
        ),
        _mistake(
            "mean_from_all_rows", lambda t, v: [(x - _both(t, v).mean(axis=0)) / _spread(t, axis=0) for x in (t, v)]
        ),
        _mistake("spread_from_val", lambda t, v: [(x - t.mean(axis=0)) / _spread(v, axis=0) for x in (t, v)]),
        _mistake("mean_from_val", lambda t, v: [(x - v.mean(axis=0)) / _spread(t, axis=0) for x in (t, v)]),
        _mistake("val_by_its_own_spread", lambda t, v: [_by(t, t), (v - t.mean(axis=0)) / _spread(v, axis=0)]),
        _mistake("val_by_its_own_mean", lambda t, v: [_by(t, t), (v - v.mean(axis=0)) / _spread(t, axis=0)]),
        _mistake("val_mean_lost", lambda t, v: [_by(t, t), v / _spread(t, axis=0)]),
        _mistake("val_spread_lost", lambda t, v: [_by(t, t), v - t.mean(axis=0)]),
        _mistake("train_only", lambda t, v: _by(t, t)),
        _mistake(
            "constant_column_set_to_zero", lambda t, v: [np.where(t.std(axis=0) == 0, 0.0, _by(x, t)) for x in (t, v)]
        ),
        _mistake("constant_column_left", lambda t, v: [np.where(t.std(axis=0) == 0, x, _by(x, t)) for x in (t, v)]),
        _mistake(
            "columns_dropped",
            lambda t, v: [_by(x, t)[:, t.std(axis=0) > 0] for x in (t, v)] if np.any(t.std(axis=0) == 0) else None,
        ),
        _mistake(
            "constant_in_val",
            lambda t, v: [
                _around(x, t, t.mean(axis=0)) * np.where(np.ptp(v, axis=0) == 0, _spread(t, axis=0), 1) for x in (t, v)
            ],
        ),
        _mistake(
            "mean_of_two_means", lambda t, v: [_around(x, t, (t.mean(axis=0) + v.mean(axis=0)) / 2) for x in (t, v)]
        ),
        _mistake("first_row_for_mean", lambda t, v: [_around(x, t, t[0]) for x in (t, v)]),
        _mistake(
            "spread_around_zero",
            lambda t, v: [(x - t.mean(axis=0)) / _not_zero(np.sqrt(np.mean(t**2, axis=0))) for x in (t, v)],
        ),
        _mistake(
            "divided_by_largest",
            lambda t, v: OneOf(
                *([(x - m) / _not_zero(np.abs(t).max(axis=0)) for x in (t, v)] for m in (0.0, t.mean(axis=0)))
            ),
        ),
        _mistake(
            "quartiles",
            lambda t, v: [
                (x - np.median(t, axis=0)) / _not_zero(np.subtract(*np.percentile(t, [75, 25], axis=0))) for x in (t, v)
            ],
        ),
        _mistake(
            "values_cut_off",
            lambda t, v: OneOf(
                *([np.clip(_by(x, t), -limit, limit) for x in (t, v)] for limit in (1, 2, 3)),
                [_by(x, t) for x in (t, v)],
            ),
        ),
        mistake(
            "rounded/standardise",
            claim=lambda e: (
                None
                if _not_finite(e)
                else Claim(
                    e.given,
                    OneOf(*([np.round(_by(x, e.inputs[0]), digits) for x in e.inputs] for digits in (1, 2, 3))),
                    e.expected,
                )
            ),
            compare=Matches(rel=1e-9, abs_=1e-12),
        ),
        _mistake("val_not_scaled", lambda t, v: [_by(t, t), v]),
        _mistake("one_mean_for_all_columns", lambda t, v: [_by(t, t, None), _by(v, t, None)]),
        _mistake("by_row", lambda t, v: [_by(t, t, 1), _by(v, v, 1)]),
        _mistake(
            "statistics_of_rows",
            lambda t, v: [(x - t.mean(axis=1)) / _spread(t, axis=1) for x in (t, v)] if len(t) == t.shape[1] else None,
        ),
        mistake(
            "cut_to_whole_number/standardise",
            faulty=lambda t, v: [np.trunc(_by(x, t)) for x in (t, v)] if np.asarray(t).dtype.kind == "i" else None,
            compare=PAIR,
        ),
        _mistake("precedence", lambda t, v: [x - t.mean(axis=0) / _spread(t, axis=0) for x in (t, v)]),
        _mistake(
            "root_of_sum",
            lambda t, v: [(x - t.mean(axis=0)) / _not_zero(np.sqrt(t.var(axis=0) * len(t))) for x in (t, v)],
        ),
        _mistake("median_for_mean", lambda t, v: [_around(x, t, np.median(t, axis=0)) for x in (t, v)]),
        _mistake("middle_for_mean", lambda t, v: [_around(x, t, (t.min(axis=0) + t.max(axis=0)) / 2) for x in (t, v)]),
        _mistake(
            "mean_absolute_deviation",
            lambda t, v: [(x - t.mean(axis=0)) / _not_zero(np.abs(t - t.mean(axis=0)).mean(axis=0)) for x in (t, v)],
        ),
        _mistake(
            "divided_by_n_minus_1/standardise",
            lambda t, v: [(x - t.mean(axis=0)) / _spread(t, axis=0, ddof=1) for x in (t, v)],
        ),
        _mistake("variance", lambda t, v: [(x - t.mean(axis=0)) / _spread(t, axis=0) ** 2 for x in (t, v)]),
        _mistake("spread_not_divided", lambda t, v: [x - t.mean(axis=0) for x in (t, v)]),
        _mistake("not_centred", lambda t, v: [x / _spread(t, axis=0) for x in (t, v)]),
        _mistake(
            "min_max",
            lambda t, v: [(x - t.min(axis=0)) / np.where(np.ptp(t, axis=0) == 0, 1, np.ptp(t, axis=0)) for x in (t, v)],
        ),
        _mistake("parts_swapped/standardise", lambda t, v: [_by(v, t), _by(t, t)]),
        mistake(
            "val_by_its_own/standardise_2",
            probe=lambda e: len(e.inputs[1]) == 1 and _not_finite(e) and not np.any(np.std(e.inputs[0], axis=0) == 0),
        ),
        mistake("divided_by_zero", probe=_not_finite),
    ),
)
