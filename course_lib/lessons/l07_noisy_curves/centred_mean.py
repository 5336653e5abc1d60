"""Lesson 07, `centred_mean`: a moving average whose points stand where their windows are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.plain import list_of

__all__ = ["CENTRED_MEAN"]

Values = Sequence[float]
Points = list[list[float]]
NAN = math.nan


def _windows(values: Values, window: int) -> list[float]:
    return [float(np.mean(values[k : k + window])) for k in range(len(values) - window + 1)]


def _placed(first: Callable[[int], float]) -> Callable[[Values, int], Points | None]:
    """Return the right heights from some first step on; a window of 1 stands where it must in any case."""

    def points(values: Values, window: int) -> Points | None:
        heights = _windows(values, window)
        return [[first(window) + k for k in range(len(heights))], heights] if heights and window > 1 else None

    return points


def _padded(values: Values, window: int) -> Points | None:
    if window < 2 or window > len(values):
        return None
    return [list(range(1, len(values) + 1)), np.convolve(values, np.full(window, 1 / window), "same").tolist()]


def _shortened(values: Values, window: int) -> Points | None:
    """Return what comes of averaging fewer values where the window reaches over an end."""
    if window < 2:
        return None
    ends = [(max(0, k - window // 2), k - window // 2 + window) for k in range(len(values))]
    return [list(range(1, len(values) + 1)), [float(np.mean(values[a:b])) for a, b in ends]]


def _trailing_shortened(values: Values, window: int) -> Points | None:
    if window < 2:
        return None
    return [
        list(range(1, len(values) + 1)),
        [float(np.mean(values[max(0, k + 1 - window) : k + 1])) for k in range(len(values))],
    ]


def _middle(window: int) -> float:
    return (window + 1) / 2


def _of_heights(change: Callable[[Values, int], list[float] | None]) -> Callable[[Values, int], Points | None]:
    """Return the right steps with other heights."""

    def points(values: Values, window: int) -> Points | None:
        heights = change(values, window) if len(values) >= window > 1 else None
        return None if heights is None else [[_middle(window) + k for k in range(len(heights))], heights]

    return points


def _summed_up(values: Values, window: int) -> list[float] | None:
    """Return what the trick with cumulative sums gives after a NaN."""
    if not any(map(math.isnan, values)):
        return None
    total = np.concatenate([[0.0], np.cumsum(values)])
    return ((total[window:] - total[:-window]) / window).tolist()


def _median(values: Values) -> float:
    return float(np.median(values))


def _points_without_window(e: Evidence) -> bool:
    """Tell whether there are points although the window is longer than the series."""
    parts = [list_of(part) for part in list_of(e.result) or []]
    return len(e.inputs[0]) < e.inputs[1] and any(parts)


def _without_nan(values: Values, window: int) -> list[float] | None:
    if not any(map(math.isnan, values)):
        return None
    parts = [[v for v in values[k : k + window] if not math.isnan(v)] for k in range(len(values) - window + 1)]
    return [float(np.mean(part)) if part else NAN for part in parts]


_VALUES: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("non_finite_spreads/window", _of_heights(_summed_up)),
    ("non_finite_left_out", _of_heights(_without_nan)),
    ("plotted_from_the_first", _placed(lambda window: 1)),
    ("plotted_from_the_first/zero", _placed(lambda window: 0)),
    ("trailing_instead_of_centred", _placed(lambda window: window)),
    ("trailing_instead_of_centred/zero", _placed(lambda window: window - 1)),
    ("counted_from_zero/steps", _placed(lambda window: (window - 1) / 2)),
    # With an odd window these two give what is right.
    ("half_a_point_lost", _placed(lambda window: (window + 1) // 2)),
    ("half_a_point_lost/late", _placed(lambda window: window // 2 + 1)),
    ("half_a_step_off", _placed(lambda window: window / 2)),
    ("half_a_step_off", _placed(lambda window: window / 2 + 1)),
    ("padded_with_zeros", _padded),
    ("shortened_at_the_ends", _shortened),
    ("shortened_at_the_ends/trailing", _trailing_shortened),
    ("not_divided/window", _of_heights(lambda v, w: [w * height for height in _windows(v, w)])),
    ("median_for_mean/windows", _of_heights(lambda v, w: [_median(v[k : k + w]) for k in range(len(v) - w + 1)])),
    ("one_window_missing", _of_heights(lambda v, w: _windows(v, w)[:-1])),
    ("pair_swapped/steps", lambda v, w: [_windows(v, w), [_middle(w) + k for k in range(len(v) - w + 1)]]),
)

CENTRED_MEAN = Exercise(
    name="centred_mean",
    points=2,
    cases=tuple(
        Case(name, inputs, expected, compare=Matches(names=("steps", "means")))
        for name, inputs, expected in (
            ("the docstring's example", ([4.0, 1.0, 1.0, 4.0], 3), [[2, 3], [2.0, 2.0]]),
            ("an even window", ([1.0, 3.0, 5.0, 9.0], 2), [[1.5, 2.5, 3.5], [2.0, 4.0, 7.0]]),
            ("a flat curve, to its ends", ([1.0] * 6, 4), [[2.5, 3.5, 4.5], [1.0, 1.0, 1.0]]),
            ("a window of 1", ([2.0, 7.0], 1), [[1, 2], [2.0, 7.0]]),
            ("a window as long as the series", ([1.0, 2.0, 6.0], 3), [[2], [3.0]]),
            ("a window that is longer", ([1.0, 2.0], 3), [[], []]),
            (
                "a NaN spoils the windows it is in, and no other",
                ([1.0, NAN, 3.0, 5.0, 8.0], 2),
                [[1.5, 2.5, 3.5, 4.5], [NAN, NAN, 4.0, 6.5]],
            ),
        )
    ),
    diagnoses=(*by_value(_VALUES, compare=Matches()), mistake("longer_window_cut", probe=_points_without_window)),
)
