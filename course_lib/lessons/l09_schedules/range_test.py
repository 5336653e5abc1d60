"""Lesson 09, `range_test`: a rate out of the losses of a range test, without a smoother's lag."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from course_lib.checks.case import Case, Exercise
from course_lib.checks.mistakes import by_value
from course_lib.checks.phrase import Phrase

__all__ = ["RANGE_TEST"]

Row = Sequence[float]
NAN, INF = math.nan, math.inf


def _finite(losses: Row) -> list[float]:
    """Return the losses before the first that is not finite."""
    end = next((k for k, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
    return list(losses[:end])


def _windows(losses: Row, window: int) -> list[float]:
    return [float(np.mean(losses[k : k + window])) for k in range(len(losses) - window + 1)]


def _lowest(means: Row, last: bool = False) -> int:
    """Return the place of the lowest mean, the first of equals, or the last."""
    lowest = min(means)
    places = [k for k, mean in enumerate(means) if mean <= lowest + 1e-12]
    return places[-1 if last else 0]


def _at(shift: Callable[[int], int], share: float = 0.1) -> Callable[[Row, Row, int], float | None]:
    """Return what is given by taking another place of the best window, or another share of its rate."""

    def rate(rates: Row, losses: Row, window: int) -> float | None:
        finite = _finite(losses)
        return share * rates[_lowest(_windows(finite, window)) + shift(window)] if len(finite) >= window else None

    return rate


def _average(rates: Row, losses: Row, window: int) -> float | None:
    """Return what an exponential average as smooth as the window leads to."""
    shown, average, beta = [], 0.0, (window - 1) / (window + 1)
    for n, loss in enumerate(_finite(losses), start=1):
        average = beta * average + (1 - beta) * loss
        shown.append(average / (1 - beta**n))
    return 0.1 * rates[_lowest(shown)] if len(shown) >= window else None


def _nan_skipped(rates: Row, losses: Row, window: int) -> float | None:
    """Return what comes of going on after a loss that is not finite."""
    if len(_finite(losses)) in (len(losses), *range(window)):
        return None
    means = [mean if math.isfinite(mean) else INF for mean in _windows(losses, window)]
    return 0.1 * rates[_lowest(means) + window // 2]


def _nan_left_out(rates: Row, losses: Row, window: int, end: bool = False) -> float | None:
    """Return what comes of taking the finite losses of the whole test as if they followed on each other.

    With ``end``, each mean is at the end of its window, which is a fault in tests without NaN, too.
    """
    kept = [(rate, loss) for rate, loss in zip(rates, losses, strict=True) if math.isfinite(loss)]
    if (len(kept) == len(losses) and not end) or len(kept) < window:
        return None
    return 0.1 * kept[_lowest(_windows([loss for _, loss in kept], window)) + (window - 1 if end else window // 2)][0]


def _nan_is_lowest(rates: Row, losses: Row, window: int) -> float | None:
    if len(_finite(losses)) < window:
        return None
    means = np.array(_windows(losses, window))
    return 0.1 * rates[int(np.argmin(means)) + window // 2] if np.isnan(means).any() else None


def _trailing_skips_nan(rates: Row, losses: Row, window: int) -> float | None:
    """Return what comes of a mean at the end of its window, over all windows in which every loss is a number."""
    means = np.array([mean if math.isfinite(mean) else NAN for mean in _windows(losses, window)])
    if window == 1 or np.isnan(means).all():
        return None
    return 0.1 * rates[int(np.nanargmin(means)) + window - 1]


def _ends_padded(rates: Row, losses: Row, window: int) -> float | None:
    finite = _finite(losses)
    if len(finite) < window or window == 1:
        return None
    return 0.1 * rates[int(np.argmin(np.convolve(finite, np.ones(window) / window, "same")))]


def _raw(rates: Row, losses: Row, window: int, share: float = 0.1) -> float | None:
    finite = _finite(losses)
    return share * rates[_lowest(finite)] if len(finite) >= window > 1 else None


def _last_of_equals(rates: Row, losses: Row, window: int) -> float | None:
    finite = _finite(losses)
    return 0.1 * rates[_lowest(_windows(finite, window), last=True) + window // 2] if len(finite) >= window else None


def _steepest(rates: Row, losses: Row, window: int) -> float | None:
    means = _windows(_finite(losses), window)
    return float(rates[int(np.argmin(np.gradient(means))) + window // 2]) if len(means) > 2 else None


def _last_rate(rates: Row, losses: Row, window: int) -> float | None:
    finite = _finite(losses)
    return 0.1 * rates[len(finite) - 1] if len(finite) >= window else None


def _mean_rate(rates: Row, losses: Row, window: int) -> float | None:
    finite = _finite(losses)
    best = _lowest(_windows(finite, window)) if len(finite) >= window else 0
    return 0.1 * float(np.mean(rates[best : best + window])) if len(finite) >= window > 1 else None


def _lowest_loss(rates: Row, losses: Row, window: int) -> float | None:
    finite = _finite(losses)
    return min(_windows(finite, window)) if len(finite) >= window else None


def _place(rates: Row, losses: Row, window: int) -> float | None:
    finite = _finite(losses)
    return _lowest(_windows(finite, window)) + window // 2 if len(finite) >= window else None


#: The more specific first.
_RATES = (
    ("non_finite_is_lowest", _nan_is_lowest),
    ("goes_on_after_blow_up", _nan_skipped),
    ("goes_on_after_blow_up", _nan_left_out),
    ("later_of_equals", _last_of_equals),
    ("minimum_taken_for_rate", _at(lambda window: window // 2, 1.0)),
    ("minimum_taken_for_rate", _at(lambda window: window - 1, 1.0)),
    ("minimum_taken_for_rate", lambda rates, losses, window: _raw(rates, losses, window, 1.0)),
    ("trailing_instead_of_centred/rate", _at(lambda window: window - 1 if window > 1 else 0)),
    ("trailing_instead_of_centred/rate_and_nan", _trailing_skips_nan),
    (
        "trailing_instead_of_centred/rate_and_nan",
        lambda rates, losses, window: _nan_left_out(rates, losses, window, end=True),
    ),
    ("plotted_from_the_first/rate", _at(lambda window: 0)),
    ("half_a_point_lost/rate", _at(lambda window: window // 2 + (window > 1))),
    ("half_a_point_lost/rate", _at(lambda window: window // 2 - (window > 1))),
    ("not_smoothed/rate", _raw),
    ("lagging_average", _average),
    ("padded_with_zeros/rate", _ends_padded),
    ("steepest_fall", _steepest),
    ("steepest_fall", lambda *inputs: 0.1 * found if (found := _steepest(*inputs)) is not None else None),
    ("last_finite_rate", _last_rate),
    ("mean_of_rates", _mean_rate),
    ("returned_loss/range_test", _lowest_loss),
    ("place_instead_of_width/rate", _place),
)


def _right(expected: float) -> str:
    if math.isnan(expected):
        return "fewer losses count than the window is wide, so it should return NaN"
    return f"it should suggest the rate {expected:g}"


#: Rates that double, so that each place has a rate that no other fault gives.
_RATE = [0.001 * 2**k for k in range(12)]
_FALL = [2.3, 2.2, 2.0, 1.6, 1.3, 1.0, 0.8, 0.9, 1.6, 3.0, 6.0, 9.0]

RANGE_TEST = Exercise(
    name="range_test",
    points=2,
    cases=(
        Case("the docstring's example", ([0.01, 0.1, 1.0, 10.0], [2.0, 1.0, 1.5, 9.0], 3), 0.01),
        Case("a smooth fall and a blow-up", (_RATE, _FALL, 3), 0.0064),
        Case(
            "one lucky batch after the best rates",
            (_RATE, [2.3, 2.2, 2.0, 1.7, 1.1, 0.9, 1.0, 1.4, 0.8, 3.0, 6.0, 9.0], 3),
            0.0032,
        ),
        Case("a window of 5", (_RATE, [2.3, 2.2, 1.9, 1.2, 0.8, 0.9, 1.0, 1.1, 2.6, 5.0, 8.0, 9.5], 5), 0.0032),
        Case("no smoothing at all", (_RATE[:6], [2.3, 1.9, 0.6, 1.1, 1.8, 4.0], 1), 0.0004),
        Case(
            "NaN, and low losses after it",
            ([*_RATE, 4.096, 8.192, 16.384], [2.3, 2.1, 1.6, 1.2, 1.4, 1.9, 2.4, 3.0, 4.0, NAN, *([0.1] * 5)], 5),
            0.0008,
        ),
        Case(
            "an infinite loss",
            (_RATE[:9], [2.3, 2.1, 1.7, 1.1, 1.3, 2.2, INF, INF, INF], 3),
            0.0008,
        ),
        Case("too few losses before the blow-up", (_RATE[:5], [2.3, 2.2, NAN, 1.0, 1.0], 3), NAN),
        Case("two windows that are equally low", (_RATE[:8], [3.0, 1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 5.0], 3), 0.0004),
    ),
    diagnoses=by_value(_RATES),
    phrase=Phrase(_right, "yours is {}"),
)
