"""Lesson 12, `curve_features`: what the two curves of a run have to say, in five numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course_lib.checks.case import Case, Exercise
from course_lib.checks.mistakes import by_value

__all__ = ["CURVE_FEATURES"]

Curve = Sequence[float]
#: The first epoch whose stray from the trend counts.
FROM = 9


def _strays(curve: Curve, first: int = FROM, last: int = 2) -> np.ndarray:
    """Return how far a curve lies from its centered mean of five, from an epoch on."""
    values = np.asarray(curve, dtype=float)
    means = np.convolve(values, np.ones(5) / 5, "valid")
    return (values[2:-2] - means)[first - 3 :]


def _trailing(curve: Curve) -> float:
    values = np.asarray(curve, dtype=float)
    means = np.convolve(values, np.ones(5) / 5, "valid")
    return float((values[4:] - means)[FROM - 5 :].std())


#: Other ways of saying how jagged a curve is.
_JITTERS: tuple[tuple[str, Callable[[Curve], float]], ...] = (
    ("jitter_with_trend", lambda c: float(np.std(c[FROM - 1 :]))),
    ("jitter_with_trend", lambda c: float(np.std(c[FROM - 1 : -2]))),
    ("jitter_with_trend", lambda c: float(np.std(c))),
    ("whole_curve/jitter", lambda c: float(_strays(c, 3).std())),
    ("trailing_instead_of_centred/jitter", _trailing),
    ("counted_from_zero/jitter", lambda c: float(_strays(c, FROM + 1).std())),
    ("counted_from_zero/jitter", lambda c: float(_strays(c, FROM - 1).std())),
    ("divided_by_n_minus_1/jitter", lambda c: float(_strays(c).std(ddof=1))),
    ("variance/jitter", lambda c: float(_strays(c).var())),
    ("mean_absolute_deviation/jitter", lambda c: float(np.abs(_strays(c)).mean())),
    ("differences_for_strays", lambda c: float(np.std(np.diff(c[FROM - 1 :])))),
    ("not_divided/jitter", lambda c: float(np.sqrt((_strays(c) ** 2).sum()))),
)
_GAPS: tuple[tuple[str, Callable[[Curve, Curve], float]], ...] = (
    ("gap_sign/feature", lambda train, val: float(np.mean(np.subtract(train[-5:], val[-5:])))),
    ("gap_without_sign/feature", lambda train, val: float(np.mean(np.abs(np.subtract(val[-5:], train[-5:]))))),
    ("one_epoch_for_five", lambda train, val: float(val[-1] - train[-1])),
    ("whole_curve/gap", lambda train, val: float(np.mean(np.subtract(val, train)))),
    ("gap_relative/feature", lambda train, val: float(np.mean(val[-5:]) / np.mean(train[-5:]))),
    ("gap_relative/feature", lambda train, val: float(np.mean(val[-5:]) / np.mean(train[-5:]) - 1)),
    ("lowest_compared", lambda train, val: float(min(val) - min(train))),
    ("not_divided/gap", lambda train, val: float(np.sum(np.subtract(val[-5:], train[-5:])))),
)
_STARTS = (("other_curve/start", lambda train, val: float(val[0])), ("last_value/start", lambda t, v: float(t[-1])))
_FLOORS = (
    ("last_value/floor", lambda train, val: float(train[-1])),
    ("other_curve/floor", lambda train, val: float(min(val))),
    ("other_curve/floor", lambda train, val: float(min([*train, *val]))),
)

_TRAIN = [2.0, 1.5, 1.2, 1.0, 0.9, 0.8, 0.75, 0.7, 0.5, 0.7, 0.55, 0.6, 0.35, 0.5, 0.4]
_VAL = [1.6, 1.4, 1.2, 1.1, 1.0, 0.9, 0.9, 0.8, 0.85, 0.8, 0.8, 0.78, 0.8, 0.77, 0.79]


def _case(name: str, train: Curve, val: Curve, *right: float, denies: bool = True) -> Case:
    keys = ("start", "floor", "gap", "train_jitter", "val_jitter")
    return Case(name, (train, val), dict(zip(keys, right, strict=True)), denies=denies)


CURVE_FEATURES = Exercise(
    name="curve_features",
    points=2,
    cases=(
        _case("the docstring's example", [2.0] * 8 + [1.0, 0.5] * 4, [1.5] * 16, 2.0, 0.5, 0.8, 0.2560382, 0.0),
        _case("a jagged training curve", _TRAIN, _VAL, 2.0, 0.35, 0.308, 0.0957914, 0.0117983),
        _case(
            "training above validation",
            [1.0, 0.9, 0.7, 0.6, 0.65, 0.5, 0.55, 0.5, 0.4, 0.5, 0.45, 0.4, 0.5, 0.45],
            [0.8, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.32, 0.3, 0.25, 0.3, 0.27, 0.2, 0.27],
            1.0,
            0.4,
            -0.202,
            0.0511737,
            0.0267208,
        ),
        _case(
            "no noise, only a trend",
            [2.0 - 0.1 * k for k in range(16)],
            [2.5 - 0.125 * k for k in range(16)],
            2.0,
            0.5,
            0.175,
            0.0,
            0.0,
        ),
    ),
    diagnoses=(
        *by_value(_STARTS, entry="start"),
        *by_value(_FLOORS, entry="floor"),
        *by_value(_GAPS, entry="gap"),
        *(
            diagnosis
            for entry, place in (("train_jitter", 0), ("val_jitter", 1))
            for diagnosis in by_value(
                (("other_curve/jitter", lambda *curves, k=place: float(_strays(curves[1 - k]).std())),), entry=entry
            )
        ),
        *(
            diagnosis
            for entry, place in (("train_jitter", 0), ("val_jitter", 1))
            for diagnosis in by_value(
                ((name, lambda *curves, k=place, make=make: make(curves[k])) for name, make in _JITTERS), entry=entry
            )
        ),
    ),
)
