"""Lesson 05, `shift_aligned_curves`: where the numbers stand on the axis, without any framework."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import dict_of, list_of, number_of

__all__ = ["SHIFT_ALIGNED_CURVES", "aligned"]


def aligned(train: Sequence[float], val: Sequence[float]) -> dict[str, list[float]]:
    """Return the places of both curves and the gaps at the epoch ends, from Numpy's interpolation."""
    ends = np.arange(1.0, len(val) + 1)
    at_ends = np.interp(ends[:-1], ends - 0.5, np.asarray(train, dtype=float)) if len(val) > 1 else []
    return {
        "train_at": (ends - 0.5).tolist(),
        "val_at": ends.tolist(),
        "gap": (np.asarray(val, dtype=float)[: len(ends) - 1] - np.asarray(at_ends)).tolist(),
    }


def _part(e: Evidence, key: str) -> list[float] | None:
    items = list_of((dict_of(e.result) or {}).get(key))
    numbers = [number_of(item) for item in items or []]
    return None if items is None or None in numbers else [float(n) for n in numbers if n is not None]


def _is(key: str, make: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[[Evidence], bool]:
    """Return a probe: whether the values under ``key`` are wrong, and are those that ``make`` gives."""

    def probe(e: Evidence) -> bool:
        given = _part(e, key)
        train, val = (np.asarray(part, dtype=float) for part in e.inputs)
        faulty = np.asarray(make(train, val), dtype=float).tolist()
        right = e.expected[key]
        if given is None or len(given) != len(faulty) or not given:
            return False
        if len(right) == len(given) and np.allclose(given, right, rtol=1e-4, atol=1e-6):
            return False
        return bool(np.allclose(given, faulty, rtol=1e-4, atol=1e-6))

    return probe


def _any(*probes: Callable[[Evidence], bool]) -> Callable[[Evidence], bool]:
    return lambda e: any(probe(e) for probe in probes)


def _middle(train: np.ndarray) -> np.ndarray:
    return (train[:-1] + train[1:]) / 2


def _gap_length(difference: int) -> Callable[[Evidence], bool]:
    def probe(e: Evidence) -> bool:
        given = _part(e, "gap")
        return given is not None and len(given) == len(e.inputs[0]) - 1 + difference

    return probe


_GAPS = (
    mistake(
        "gap_sign",
        probe=_any(
            _is("gap", lambda t, v: _middle(t) - v[:-1]),
            _is("gap", lambda t, v: (t - v)[:-1]),
            _is("gap", lambda t, v: t - v),
        ),
    ),
    mistake("gap_without_sign", probe=_is("gap", lambda t, v: np.abs(v[:-1] - _middle(t)))),
    mistake(
        "gap_relative",
        probe=_any(
            _is("gap", lambda t, v: v[:-1] / _middle(t)),
            _is("gap", lambda t, v: v[:-1] / _middle(t) - 1),
        ),
    ),
    mistake(
        "gap_not_aligned/shift_aligned_curves",
        probe=_any(_is("gap", lambda t, v: (v - t)[:-1]), _is("gap", lambda t, v: v - t)),
    ),
    mistake("gap_not_aligned/shift_aligned_curves_2", probe=_is("gap", lambda t, v: v[:-1] - t[1:])),
    mistake(
        "training_loss_always_falls",
        probe=_any(
            _is("gap", lambda t, v: v[:-1] - (t[:-1] - np.abs(np.diff(t)) / 2)),
            _is("gap", lambda t, v: v[:-1] - _middle(np.sort(t)[::-1])),
            _is("gap", lambda t, v: v[:-1] - _middle(np.minimum.accumulate(t))),
        ),
    ),
    mistake(
        "gap_at_midpoints",
        probe=_any(
            _is("gap", lambda t, v: _middle(v) - t[1:]),
            _is("gap", lambda t, v: _middle(v) - t[:-1]),
        ),
    ),
    mistake(
        "wrong_neighbours",
        probe=_any(
            _is("gap", lambda t, v: v[1:] - _middle(t)),
            _is("gap", lambda t, v: np.append(np.nan, v[1:] - _middle(t))[1:]),
        ),
    ),
    mistake("gap_extrapolated", probe=_gap_length(1)),
    mistake("gap_too_short", probe=_gap_length(-1)),
)


def _offsets(e: Evidence) -> tuple[float, float] | None:
    """Return by how much all training and all validation points lie too far right; ``None`` if it is not one amount."""
    found = []
    for key in ("train_at", "val_at"):
        given, right = _part(e, key), e.expected[key]
        if given is None or len(given) != len(right):
            return None
        off = np.subtract(given, right)
        if not np.allclose(off, off[0], atol=1e-6):
            return None
        found.append(round(float(off[0]), 6))
    return found[0], found[1]


def _off_by(*pairs: tuple[float, float]) -> Callable[[Evidence], bool]:
    return lambda e: _offsets(e) in pairs


def _gap_too(text: str) -> Callable[[Evidence], str]:
    """Return what says ``text``, and what is wrong with the gap as well, if that is known."""

    def says(e: Evidence) -> str:
        gap = next((d for d in _GAPS if d.fits(e)), None)
        return text if gap is None else f"{text} And {gap.text(e)[0].lower()}{gap.text(e)[1:]}"

    return says


#: Training points, then validation points. Where both are wrong by amounts that are not listed, nothing is named.
_AXIS = (
    mistake(
        "counted_from_one/shift_aligned_curves",
        says=_gap_too(
            "the places count from 1: on this axis epoch 1 begins at 0, so its middle is 0.5 and its end is 1."
        ),
        probe=_off_by((1.0, 1.0)),
    ),
    mistake(
        "counted_from_zero",
        says=_gap_too("the places count from 0: the end of the first epoch is 1 on this axis, and its middle is 0.5."),
        probe=_off_by((-1.0, -1.0), (-0.5, -1.0), (0.0, -1.0)),
    ),
    mistake(
        "shifted_to_the_right",
        says=_gap_too(
            "the training points lie half an epoch too late: on average, their losses were measured when the epoch "
            "was half over."
        ),
        probe=_off_by((1.0, 0.0)),
    ),
    mistake(
        "validation_shifted",
        says=_gap_too("the validation points were moved; a validation loss is measured when its epoch is over."),
        probe=_off_by((0.0, -0.5), (0.0, 0.5), (0.5, -0.5), (0.5, 0.5)),
    ),
    mistake(
        "no_shift",
        says=_gap_too(
            "both curves lie at the epoch ends; a training loss is an average over the epoch and belongs to its middle."
        ),
        probe=_off_by((0.5, 0.0)),
    ),
    mistake(
        "whole_epoch",
        says=_gap_too("the training points were moved by a whole epoch; the lag is half of one."),
        probe=_off_by((-0.5, 0.0)),
    ),
)


SHIFT_ALIGNED_CURVES = Exercise(
    name="shift_aligned_curves",
    points=1,
    cases=(
        Case(
            "the docstring's example",
            ([1.0, 0.6, 0.4], [0.9, 0.7, 0.6]),
            {"train_at": [0.5, 1.5, 2.5], "val_at": [1, 2, 3], "gap": [0.1, 0.2]},
        ),
        Case(
            "a steep fall",
            ([8.0, 2.0, 1.0, 0.75], [4.0, 2.5, 1.5, 2.0]),
            {"train_at": [0.5, 1.5, 2.5, 3.5], "val_at": [1, 2, 3, 4], "gap": [-1.0, 1.0, 0.625]},
        ),
        Case(
            "a training loss that rises for an epoch",
            ([2.0, 1.0, 1.5, 0.5], [1.8, 1.2, 1.6, 1.0]),
            {"train_at": [0.5, 1.5, 2.5, 3.5], "val_at": [1, 2, 3, 4], "gap": [0.3, -0.05, 0.6]},
        ),
        Case(
            "two epochs",
            ([3.0, 1.0], [2.5, 1.9]),
            {"train_at": [0.5, 1.5], "val_at": [1, 2], "gap": [0.5]},
            weight=0.5,
        ),
    ),
    diagnoses=(
        *_AXIS,
        *_GAPS,
    ),
)
