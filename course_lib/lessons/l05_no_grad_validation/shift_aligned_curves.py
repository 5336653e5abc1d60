"""Lesson 05, `shift_aligned_curves`: where the numbers stand on the axis, without any framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Exercise
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.mistakes import by_claim, by_sign
from course_lib.checks.reading import Reading

__all__ = ["SHIFT_ALIGNED_CURVES"]

# --- the gap -----------------------------------------------------------------------------------------


def _gap(*make: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Reading], OneOf]:
    """Return what a mistake gives as the gap, from both curves; of several ways to make it, any."""

    def value(seen: Reading) -> OneOf:
        train, val = (np.asarray(part, dtype=float) for part in seen.inputs)
        return OneOf(*(one(train, val).tolist() for one in make))

    return value


def _middle(values: np.ndarray) -> np.ndarray:
    return (values[:-1] + values[1:]) / 2


#: ``t`` holds the training losses, ``v`` the validation losses. The most specific first.
_OF_VALUES = (
    ("gap_sign", _gap(lambda t, v: _middle(t) - v[:-1], lambda t, v: (t - v)[:-1], lambda t, v: t - v)),
    ("gap_without_sign", _gap(lambda t, v: np.abs(v[:-1] - _middle(t)))),
    ("gap_relative", _gap(lambda t, v: v[:-1] / _middle(t), lambda t, v: v[:-1] / _middle(t) - 1)),
    ("gap_not_aligned", _gap(lambda t, v: (v - t)[:-1], lambda t, v: v - t, lambda t, v: v[:-1] - t[1:])),
    (
        "training_loss_always_falls",
        _gap(
            lambda t, v: v[:-1] - (t[:-1] - np.abs(np.diff(t)) / 2),
            lambda t, v: v[:-1] - _middle(np.sort(t)[::-1]),
            lambda t, v: v[:-1] - _middle(np.minimum.accumulate(t)),
        ),
    ),
    ("gap_at_midpoints", _gap(lambda t, v: _middle(v) - t[1:], lambda t, v: _middle(v) - t[:-1])),
    ("wrong_neighbours", _gap(lambda t, v: v[1:] - _middle(t))),
)


def _gaps_too_many(number: int) -> Callable[[Reading], bool]:
    return lambda seen: len(seen.numbers("gap")) == len(seen.inputs[0]) - 1 + number


_GAPS = (
    *by_claim(_OF_VALUES, lambda seen: seen.numbers("gap"), lambda seen: seen.e.expected["gap"], read=Reading),
    *by_sign((("gap_extrapolated", _gaps_too_many(1)), ("gap_too_short", _gaps_too_many(-1))), read=Reading),
)


def _and_the_gap(seen: Reading) -> str:
    """Say what is wrong with the gap as well, if that is known."""
    gap = next((diagnosis for diagnosis in _GAPS if diagnosis.fits(seen.e)), None)
    return "" if gap is None else f" And {gap.text(seen.e)[0].lower()}{gap.text(seen.e)[1:]}"


# --- the places --------------------------------------------------------------------------------------


def _offsets(seen: Reading) -> tuple[float, ...]:
    """Return by how much all training and all validation points lie too far right; nothing if it is not one amount."""
    found = []
    for key in ("train_at", "val_at"):
        given: list[Any] = seen.numbers(key)
        if len(given) != len(seen.e.expected[key]) or None in given:
            return ()
        off = np.subtract(given, seen.e.expected[key])
        if not np.allclose(off, off[0], atol=1e-6):
            return ()
        found.append(round(float(off[0]), 6))
    return tuple(found)


def _off_by(*pairs: tuple[float, float]) -> Callable[[Reading], bool]:
    return lambda seen: _offsets(seen) in pairs


#: Training points, then validation points. Where both are wrong by amounts that are not listed, nothing is named.
_AXIS = (
    ("counted_from_one/axis", _off_by((1.0, 1.0))),
    ("counted_from_zero", _off_by((-1.0, -1.0), (-0.5, -1.0), (0.0, -1.0))),
    ("shifted_to_the_right", _off_by((1.0, 0.0))),
    ("validation_shifted", _off_by((0.0, -0.5), (0.0, 0.5), (0.5, -0.5), (0.5, 0.5))),
    ("no_shift", _off_by((0.5, 0.0))),
    ("whole_epoch", _off_by((-0.5, 0.0))),
)

# --- what is asked -----------------------------------------------------------------------------------


def _case(name: str, train: list[float], val: list[float], gap: list[float], weight: float = 1.0) -> Case:
    ends = list(range(1, len(val) + 1))
    return Case(
        name, (train, val), {"train_at": [end - 0.5 for end in ends], "val_at": ends, "gap": gap}, weight=weight
    )


SHIFT_ALIGNED_CURVES = Exercise(
    name="shift_aligned_curves",
    points=1,
    cases=(
        _case("the docstring's example", [1.0, 0.6, 0.4], [0.9, 0.7, 0.6], [0.1, 0.2]),
        _case("a steep fall", [8.0, 2.0, 1.0, 0.75], [4.0, 2.5, 1.5, 2.0], [-1.0, 1.0, 0.625]),
        _case("a training loss that rises for an epoch", [2.0, 1.0, 1.5, 0.5], [1.8, 1.2, 1.6, 1.0], [0.3, -0.05, 0.6]),
        _case("two epochs", [3.0, 1.0], [2.5, 1.9], [0.5], weight=0.5),
    ),
    diagnoses=(*by_sign(_AXIS, {"and_the_gap": _and_the_gap}, read=Reading), *_GAPS),
)
