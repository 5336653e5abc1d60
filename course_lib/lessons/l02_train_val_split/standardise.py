"""Lesson 02, training and validation split: the graded exercises and their visible cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
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


def _mistake(key: str, says: str, faulty: Callable[[Any, Any], Any], look: str) -> Diagnosis:
    def claim(e: Evidence) -> Claim | None:
        # A division by zero on top of the mistake leaves nothing to compare.
        if _not_finite(e):
            return None
        return Claim(e.given, faulty(*(np.asarray(x, dtype=float) for x in e.inputs)), e.expected)

    return Diagnosis(key, says, claim=claim, look=look, compare=PAIR)


#: The rounding of a mean leaves equal numbers such as 0.1 a spread of 1e-17, and a difference of as little.
ROUNDING_SPREAD = Diagnosis(
    "rounding_spread",
    "a column of equal fractions was taken for one that varies. The rounding of its mean leaves a standard deviation "
    "of 1e-17 or so, which is not 0, and it was divided by that.",
    probe=lambda e: _not_finite(e) and not any(np.isnan(_numbers(e.result))),
    look="how it is told that a column does not vary",
)

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
        Diagnosis(
            "changed_inputs",
            "the training rows were changed in place, as `train -= ...` does: from then on their mean is 0 and their "
            "spread 1, and by these the validation rows were scaled.",
            probe=lambda e: bool(e.seen.get("changed")) and _gave(e, lambda t, v: [_by(t, t), v]),
            look="what `train` holds when the statistics for the validation rows are taken",
        ),
        _mistake(
            "statistics_from_all_rows",
            "mean and spread come from all rows. The training rows then know something about the validation rows: a "
            "leak.",
            lambda t, v: [_by(t, _both(t, v)), _by(v, _both(t, v))],
            "the rows that mean and spread are computed from",
        ),
        _mistake(
            "val_by_its_own",
            "the validation rows are scaled by their own mean and spread. The same measurement then means one thing in "
            "training and another in validation.",
            lambda t, v: [_by(t, t), _by(v, v)],
            "which statistics the validation rows are scaled by",
        ),
        _mistake(
            "statistics_from_val",
            "mean and spread come from the validation rows.",
            lambda t, v: [_by(t, v), _by(v, v)],
            "the rows that mean and spread are computed from",
        ),
        _mistake(
            "spread_from_all_rows",
            "the mean comes from the training rows, but the spread comes from all rows, and that is a leak as well.",
            lambda t, v: [(x - t.mean(axis=0)) / _spread(_both(t, v), axis=0) for x in (t, v)],
            "the rows that the spread is computed from",
        ),
        _mistake(
            "mean_from_all_rows",
            "the spread comes from the training rows, but the mean comes from all rows, and that is a leak as well.",
            lambda t, v: [(x - _both(t, v).mean(axis=0)) / _spread(t, axis=0) for x in (t, v)],
            "the rows that the mean is computed from",
        ),
        _mistake(
            "spread_from_val",
            "the mean comes from the training rows, but the spread comes from the validation rows.",
            lambda t, v: [(x - t.mean(axis=0)) / _spread(v, axis=0) for x in (t, v)],
            "the rows that the spread is computed from",
        ),
        _mistake(
            "mean_from_val",
            "the spread comes from the training rows, but the mean comes from the validation rows.",
            lambda t, v: [(x - v.mean(axis=0)) / _spread(t, axis=0) for x in (t, v)],
            "the rows that the mean is computed from",
        ),
        _mistake(
            "val_by_its_own_spread",
            "from the validation rows the mean of the training rows is subtracted, and then they are divided by their "
            "own spread.",
            lambda t, v: [_by(t, t), (v - t.mean(axis=0)) / _spread(v, axis=0)],
            "the rows that each of the two statistics is computed from",
        ),
        _mistake(
            "val_by_its_own_mean",
            "from the validation rows their own mean is subtracted, and then they are divided by the spread of the "
            "training rows.",
            lambda t, v: [_by(t, t), (v - v.mean(axis=0)) / _spread(t, axis=0)],
            "the rows that each of the two statistics is computed from",
        ),
        _mistake(
            "val_mean_lost",
            "the validation rows are divided by the spread, and nothing is subtracted from them: the mean of rows that "
            "are centred already is 0.",
            lambda t, v: [_by(t, t), v / _spread(t, axis=0)],
            "what the training rows are at the moment when the mean for the validation rows is taken",
        ),
        _mistake(
            "val_spread_lost",
            "the mean is subtracted from the validation rows, and their spread is left as it was: the spread of rows "
            "that are scaled already is 1.",
            lambda t, v: [_by(t, t), v - t.mean(axis=0)],
            "what the training rows are at the moment when the spread for the validation rows is taken",
        ),
        _mistake(
            "train_only",
            "only the training rows came back; asked were both parts.",
            lambda t, v: _by(t, t),
            "what is returned",
        ),
        _mistake(
            "constant_column_set_to_zero",
            "a column that does not vary over the training rows was set to 0 in the validation rows, too, though it "
            "may vary there.",
            lambda t, v: [np.where(t.std(axis=0) == 0, 0.0, _by(x, t)) for x in (t, v)],
            "what the docstring says about such a column",
        ),
        _mistake(
            "constant_column_left",
            "a column that does not vary over the training rows was left as it is; its mean is subtracted, too.",
            lambda t, v: [np.where(t.std(axis=0) == 0, x, _by(x, t)) for x in (t, v)],
            "what the docstring says about such a column",
        ),
        _mistake(
            "columns_dropped",
            "columns that do not vary over the training rows are missing from the result.",
            lambda t, v: [_by(x, t)[:, t.std(axis=0) > 0] for x in (t, v)] if np.any(t.std(axis=0) == 0) else None,
            "the shapes of what is returned",
        ),
        _mistake(
            "constant_in_val",
            "a column that does not vary in the validation rows was divided by 1; only the training rows decide.",
            lambda t, v: [
                _around(x, t, t.mean(axis=0)) * np.where(np.ptp(v, axis=0) == 0, _spread(t, axis=0), 1) for x in (t, v)
            ],
            "which rows say that a column does not vary",
        ),
        _mistake(
            "mean_of_two_means",
            "the mean of the two parts' means was subtracted: the validation rows have a say in it, which is a leak.",
            lambda t, v: [_around(x, t, (t.mean(axis=0) + v.mean(axis=0)) / 2) for x in (t, v)],
            "the rows that the mean is computed from",
        ),
        _mistake(
            "first_row_for_mean",
            "the first training row was subtracted; asked was the mean of all.",
            lambda t, v: [_around(x, t, t[0]) for x in (t, v)],
            "what is subtracted",
        ),
        _mistake(
            "spread_around_zero",
            "it is divided by the root of the mean square of the numbers, not of their differences from the mean.",
            lambda t, v: [(x - t.mean(axis=0)) / _not_zero(np.sqrt(np.mean(t**2, axis=0))) for x in (t, v)],
            "what is squared",
        ),
        _mistake(
            "divided_by_largest",
            "the columns were divided by their largest size; asked were mean 0 and standard deviation 1.",
            lambda t, v: OneOf(
                *([(x - m) / _not_zero(np.abs(t).max(axis=0)) for x in (t, v)] for m in (0.0, t.mean(axis=0)))
            ),
            "what is subtracted and what it is divided by",
        ),
        _mistake(
            "quartiles",
            "the columns were scaled by their median and quartiles; asked were mean and standard deviation.",
            lambda t, v: [
                (x - np.median(t, axis=0)) / _not_zero(np.subtract(*np.percentile(t, [75, 25], axis=0))) for x in (t, v)
            ],
            "what is subtracted and what it is divided by",
        ),
        _mistake(
            "values_cut_off",
            "values far from the mean were cut off at a limit.",
            lambda t, v: OneOf(
                *([np.clip(_by(x, t), -limit, limit) for x in (t, v)] for limit in (1, 2, 3)),
                [_by(x, t) for x in (t, v)],
            ),
            "what is done after the division",
        ),
        Diagnosis(
            "rounded",
            "the numbers are right, but rounded.",
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
            look="the rounding at the end",
        ),
        _mistake(
            "val_not_scaled",
            "the validation rows were left as they are, so the model meets them in other units than it was trained in.",
            lambda t, v: [_by(t, t), v],
            "what is returned for the validation rows",
        ),
        _mistake(
            "one_mean_for_all_columns",
            "one mean and one spread are used for all columns, though each has its own units.",
            lambda t, v: [_by(t, t, None), _by(v, t, None)],
            "the axis over which mean and spread are taken",
        ),
        _mistake(
            "by_row",
            "each row is scaled by its own mean and spread, so measurements of different units are mixed.",
            lambda t, v: [_by(t, t, 1), _by(v, v, 1)],
            "the axis over which mean and spread are taken",
        ),
        _mistake(
            "statistics_of_rows",
            "the mean and the spread of each row were taken, and then used for the columns.",
            lambda t, v: [(x - t.mean(axis=1)) / _spread(t, axis=1) for x in (t, v)] if len(t) == t.shape[1] else None,
            "the axis over which mean and spread are taken",
        ),
        Diagnosis(
            "cut_to_whole_number",
            "fractions were cut to whole numbers: an array made for whole numbers holds nothing else.",
            faulty=lambda t, v: [np.trunc(_by(x, t)) for x in (t, v)] if np.asarray(t).dtype.kind == "i" else None,
            look="what kind of numbers the new arrays hold",
            compare=PAIR,
        ),
        _mistake(
            "precedence",
            "only the mean was divided: a division comes before a subtraction.",
            lambda t, v: [x - t.mean(axis=0) / _spread(t, axis=0) for x in (t, v)],
            "the parentheses",
        ),
        _mistake(
            "root_of_sum",
            "the square root of the sum of squares was taken: the division by n is missing, so the spread grows with "
            "the number of rows.",
            lambda t, v: [(x - t.mean(axis=0)) / _not_zero(np.sqrt(t.var(axis=0) * len(t))) for x in (t, v)],
            "what is done with the squares before the root is taken",
        ),
        _mistake(
            "median_for_mean",
            "the median was subtracted; asked was the mean.",
            lambda t, v: [_around(x, t, np.median(t, axis=0)) for x in (t, v)],
            "what is subtracted",
        ),
        _mistake(
            "middle_for_mean",
            "the middle between the smallest and the largest value was subtracted; asked was the mean.",
            lambda t, v: [_around(x, t, (t.min(axis=0) + t.max(axis=0)) / 2) for x in (t, v)],
            "what is subtracted",
        ),
        _mistake(
            "mean_absolute_deviation",
            "it is divided by the mean absolute difference from the mean; asked was the square root of the mean "
            "squared one.",
            lambda t, v: [(x - t.mean(axis=0)) / _not_zero(np.abs(t - t.mean(axis=0)).mean(axis=0)) for x in (t, v)],
            "what the differences are divided by",
        ),
        _mistake(
            "divided_by_n_minus_1",
            "the standard deviation divides by n - 1; asked was division by n.",
            lambda t, v: [(x - t.mean(axis=0)) / _spread(t, axis=0, ddof=1) for x in (t, v)],
            "how the standard deviation is computed; libraries differ in their default",
        ),
        _mistake(
            "variance",
            "it is divided by the variance, the square of the standard deviation.",
            lambda t, v: [(x - t.mean(axis=0)) / _spread(t, axis=0) ** 2 for x in (t, v)],
            "what the differences are divided by",
        ),
        _mistake(
            "not_divided",
            "the mean is subtracted, and the spread is left as it was.",
            lambda t, v: [x - t.mean(axis=0) for x in (t, v)],
            "what is done after the mean has been subtracted",
        ),
        _mistake(
            "not_centred",
            "the spread is 1, and the mean is not 0: it was not subtracted.",
            lambda t, v: [x / _spread(t, axis=0) for x in (t, v)],
            "what is done before the division",
        ),
        _mistake(
            "min_max",
            "the columns were brought to the range 0 to 1; asked were mean 0 and standard deviation 1.",
            lambda t, v: [(x - t.min(axis=0)) / np.where(np.ptp(t, axis=0) == 0, 1, np.ptp(t, axis=0)) for x in (t, v)],
            "what is subtracted and what it is divided by",
        ),
        _mistake(
            "parts_swapped",
            "the two parts come back in the wrong order.",
            lambda t, v: [_by(v, t), _by(t, t)],
            "the order in which they are returned",
        ),
        Diagnosis(
            "val_by_its_own",
            "the validation rows are scaled by their own statistics: the spread of a single row is 0, and it was "
            "divided by that.",
            probe=lambda e: len(e.inputs[1]) == 1 and _not_finite(e) and not np.any(np.std(e.inputs[0], axis=0) == 0),
            look="which statistics the validation rows are scaled by",
        ),
        Diagnosis(
            "divided_by_zero",
            "the standard deviation of a column that does not vary is 0, and it was divided by 0, or by next to "
            "nothing.",
            probe=_not_finite,
            look="what the docstring says about such a column",
        ),
    ),
)
