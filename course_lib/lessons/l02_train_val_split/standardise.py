"""Lesson 02, `standardise`: mean 0 and spread 1, by the statistics of the training rows alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Compare, Matches
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.mistakes import by_claim, mistake
from course_lib.checks.plain import list_of, number_of

__all__ = ["PAIR", "STANDARDISE"]

#: Scaled values lie around 1, so an absolute tolerance of single precision suits them.
PAIR = Matches(abs_=1e-4, names=("train", "val"))

#: From the training and the validation rows to what is subtracted, and what it is divided by (1 where that is 0).
_By = Callable[[Any, Any], tuple[Any, Any] | None]


def _mean(x: Any) -> np.ndarray:
    return np.asarray(np.mean(x, axis=0))


def _std(x: Any, **how: Any) -> np.ndarray:
    return np.asarray(np.std(x, axis=0, **how))


def _all(train: Any, val: Any) -> np.ndarray:
    return np.concatenate([train, val])


def _scaled(x: Any, middle: Any, spread: Any) -> np.ndarray:
    return np.asarray((x - middle) / np.where(spread == 0, 1.0, spread))


def _right(x: Any, train: Any) -> np.ndarray:
    return _scaled(x, _mean(train), _std(train))


def _both_by(by: _By) -> Callable[[Any, Any], Any]:
    return lambda t, v: [_scaled(x, *found) for x in (t, v)] if (found := by(t, v)) else None


# --- what both parts, or the validation rows alone, are scaled by --------------------------------------------

_BOTH_BY: tuple[tuple[str, _By], ...] = (
    ("statistics_from_all_rows", lambda t, v: (_mean(_all(t, v)), _std(_all(t, v)))),
    ("statistics_from_val", lambda t, v: (_mean(v), _std(v))),
    ("spread_from_all_rows", lambda t, v: (_mean(t), _std(_all(t, v)))),
    ("mean_from_all_rows", lambda t, v: (_mean(_all(t, v)), _std(t))),
    ("spread_from_val", lambda t, v: (_mean(t), _std(v))),
    ("mean_from_val", lambda t, v: (_mean(v), _std(t))),
    ("mean_of_two_means", lambda t, v: ((_mean(t) + _mean(v)) / 2, _std(t))),
    ("first_row_for_mean", lambda t, v: (t[0], _std(t))),
    ("median_for_mean", lambda t, v: (np.median(t, axis=0), _std(t))),
    ("middle_for_mean", lambda t, v: ((t.min(axis=0) + t.max(axis=0)) / 2, _std(t))),
    ("spread_around_zero", lambda t, v: (_mean(t), np.sqrt(_mean(t**2)))),
    ("root_of_sum", lambda t, v: (_mean(t), _std(t) * np.sqrt(len(t)))),
    ("mean_absolute_deviation", lambda t, v: (_mean(t), _mean(np.abs(t - _mean(t))))),
    ("divided_by_n_minus_1/spread", lambda t, v: (_mean(t), _std(t, ddof=1))),
    ("variance", lambda t, v: (_mean(t), _std(t) ** 2)),
    ("quartiles", lambda t, v: (np.median(t, axis=0), np.subtract(*np.percentile(t, [75, 25], axis=0)))),
    ("min_max", lambda t, v: (t.min(axis=0), np.ptp(t, axis=0))),
    ("divided_by_largest", lambda t, v: (0.0, np.abs(t).max(axis=0))),
    ("divided_by_largest", lambda t, v: (_mean(t), np.abs(t).max(axis=0))),
    ("spread_not_divided", lambda t, v: (_mean(t), np.ones(()))),
    ("not_centred", lambda t, v: (0.0, _std(t))),
    ("one_mean_for_all_columns", lambda t, v: (t.mean(), t.std())),
)
_VAL_BY: tuple[tuple[str, _By], ...] = (
    ("val_by_its_own", lambda t, v: (_mean(v), _std(v))),
    ("val_by_its_own_spread", lambda t, v: (_mean(t), _std(v))),
    ("val_by_its_own_mean", lambda t, v: (_mean(v), _std(t))),
    ("val_mean_lost", lambda t, v: (0.0, _std(t))),
    ("val_spread_lost", lambda t, v: (_mean(t), np.ones(()))),
    ("val_not_scaled", lambda t, v: (0.0, np.ones(()))),
)

# --- whatever else can come back -----------------------------------------------------------------------------


def _columns_dropped(t: Any, v: Any) -> Any:
    vary = _std(t) > 0
    return None if vary.all() else [_right(x, t)[:, vary] for x in (t, v)]


def _values_cut_off(t: Any, v: Any) -> OneOf:
    """Return the right values cut off at some limit, or at one that none of them reaches."""
    right = [_right(x, t) for x in (t, v)]
    return OneOf(*([np.clip(x, -limit, limit) for x in right] for limit in (1, 2, 3)), right)


_GIVE: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("train_only", lambda t, v: _right(t, t)),
    ("constant_column_set_to_zero", lambda t, v: [np.where(_std(t) == 0, 0.0, _right(x, t)) for x in (t, v)]),
    ("constant_column_left", lambda t, v: [np.where(_std(t) == 0, x, _right(x, t)) for x in (t, v)]),
    ("columns_dropped", _columns_dropped),
    ("constant_in_val", _both_by(lambda t, v: (_mean(t), np.where(np.ptp(v, axis=0) == 0, 1.0, _std(t))))),
    ("values_cut_off", _values_cut_off),
    ("by_row", lambda t, v: [_right(x.T, x.T).T for x in (t, v)]),
    ("statistics_of_rows", _both_by(lambda t, v: (t.mean(axis=1), t.std(axis=1)) if len(t) == t.shape[1] else None)),
    ("precedence", lambda t, v: [x - _scaled(_mean(t), 0.0, _std(t)) for x in (t, v)]),
    ("parts_swapped", lambda t, v: [_right(v, t), _right(t, t)]),
)
_ROUNDED = (("rounded", lambda t, v: OneOf(*([np.round(_right(x, t), n) for x in (t, v)] for n in (1, 2, 3)))),)


def _numbers(plain: Any) -> list[float]:
    number = number_of(plain)
    return [value for item in list_of(plain) or [] for value in _numbers(item)] if number is None else [number]


def _not_finite(e: Evidence) -> bool:
    """Whether a number that is none, or an enormous one, came back."""
    return any(not abs(value) < 1e6 for value in _numbers(e.result))


def _rows(e: Evidence) -> list[np.ndarray]:
    return [np.asarray(x, dtype=float) for x in e.inputs]


def _give(table: Any, compare: Compare = PAIR) -> tuple[Diagnosis, ...]:
    """Return mistakes of a table of names and what each gives for training and validation rows."""

    def claimed(give: Callable[[Any, Any], Any]) -> Callable[[Evidence], Any]:
        # A division by zero on top of the mistake leaves nothing to compare.
        return lambda e: None if _not_finite(e) else give(*_rows(e))

    claims = ((name, claimed(give)) for name, give in table)
    return by_claim(claims, lambda e: e.given, lambda e: e.expected, compare=compare)


def _trained_in_place(e: Evidence) -> bool:
    """Whether the training rows were scaled in place, and the validation rows then by what had become of them."""
    t, v = _rows(e)
    return bool(e.seen.get("changed")) and PAIR(e.given, [_right(t, t), v]) is None


def _cut_to_whole(t: Any, v: Any) -> Any:
    return [np.trunc(_right(x, t)) for x in (t, v)] if np.asarray(t).dtype.kind == "i" else None


def _one_row_by_its_own(e: Evidence) -> bool:
    return len(e.inputs[1]) == 1 and _not_finite(e) and bool(np.all(_std(e.inputs[0]) > 0))


#: The rounding of a mean leaves equal numbers such as 0.1 a spread of 1e-17, and a difference of as little.
_ROUNDING_SPREAD = mistake("rounding_spread", probe=lambda e: _not_finite(e) and not any(np.isnan(_numbers(e.result))))


def _case(name: str, train: Any, val: Any, right: Any, *mistakes: Diagnosis, **how: Any) -> Case:
    return Case(name, (np.array(train), np.array(val)), right, compare=PAIR, diagnoses=mistakes, **how)


STANDARDISE = Exercise(
    name="standardise",
    points=2,
    cases=(
        _case(
            "two training rows, two columns",
            *([[0.0, 10.0], [4.0, 30.0]], [[6.0, 20.0], [2.0, 50.0]]),
            [[[-1.0, -1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 3.0]]],
        ),
        _case(
            "whole numbers, four training rows, a single validation row",
            *([[8, -2], [0, 2], [2, -2], [2, 2]], [[12, 1]]),
            [[[1.6666667, -1.0], [-1.0, 1.0], [-0.3333333, -1.0], [-0.3333333, 1.0]], [[3.0, 0.5]]],
        ),
        _case(
            "a column that does not vary in the training rows",
            *([[3.0, 8.0], [7.0, 8.0]], [[5.0, 8.0], [9.0, 10.0]]),
            [[[-1.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [2.0, 2.0]]],
        ),
        _case(
            "a column of equal fractions",
            *([[0.1, 1.0], [0.1, 2.0], [0.1, 6.0]], [[0.1, 3.0], [0.6, 5.0]]),
            [[[0.0, -0.9258201], [0.0, -0.46291005], [0.0, 1.3887301]], [[0.0, 0.0], [0.5, 0.9258201]]],
            _ROUNDING_SPREAD,
            weight=0.5,
            denies=False,
        ),
    ),
    diagnoses=(
        mistake("changed_inputs/training_rows", probe=_trained_in_place),
        *_give((name, _both_by(by)) for name, by in _BOTH_BY),
        *_give((name, lambda t, v, by=by: [_right(t, t), _scaled(v, *by(t, v))]) for name, by in _VAL_BY),
        *_give(_GIVE),
        *_give(_ROUNDED, Matches(rel=1e-9, abs_=1e-12)),
        mistake("cut_to_whole_number/fractions", faulty=_cut_to_whole, compare=PAIR),
        mistake("val_by_its_own/single_row", probe=_one_row_by_its_own),
        mistake("divided_by_zero", probe=_not_finite),
    ),
)
