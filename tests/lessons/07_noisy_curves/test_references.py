"""The reference solutions of lesson 07 against second implementations: weights spelled out, exact fractions, NumPy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_answers import reference
from support import TRACKS

LESSON = "07_noisy_curves"
losses = st.one_of(st.just(0.0), st.integers(-5, 1000), st.floats(-1e3, 1e6, allow_nan=False))
any_values = st.lists(st.one_of(losses, st.sampled_from([math.nan, math.inf, -math.inf])), max_size=30)
kinds = st.sampled_from([list, tuple, lambda values: np.array(values, dtype=float)])


@pytest.mark.parametrize("track", TRACKS)
@given(values=any_values, beta=st.floats(0, 0.99), kind=kinds)
def test_smooth_is_a_mean_by_weights_that_add_up_to_1(track: str, values: list[float], beta: float, kind: Any) -> None:
    shown = reference(LESSON, track, "smooth")(kind(values), beta)
    assert len(shown) == len(values)
    finite: list[float] = []
    for value, point in zip(values, shown, strict=True):
        if math.isfinite(value):
            finite.append(float(value))
            weights = beta ** np.arange(len(finite), dtype=float)[::-1]
            expected = np.dot(weights, finite) / weights.sum()
            assert point == pytest.approx(expected, rel=1e-9, abs=1e-9 * max(1.0, *map(abs, finite)))
        else:
            assert point == value or (math.isnan(point) and math.isnan(value))


@pytest.mark.parametrize("track", TRACKS)
@given(values=st.lists(losses, min_size=1, max_size=30), window=st.integers(1, 35), kind=kinds)
def test_centred_mean_against_exact_fractions(track: str, values: list[float], window: int, kind: Any) -> None:
    steps, means = reference(LESSON, track, "centred_mean")(kind(values), window)
    exact = [Fraction(value) for value in values]
    starts = range(len(values) - window + 1)
    assert list(steps) == [float(Fraction(2 * k + window + 1, 2)) for k in starts]
    expected = [float(sum(exact[k : k + window]) / window) for k in starts]
    assert list(means) == pytest.approx(expected, rel=1e-9, abs=1e-9 * max(1.0, *map(abs, values)))


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
@given(pairs=st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=20))
def test_paired_comparison_against_exact_fractions(track: str, pairs: list[tuple[float, float]]) -> None:
    a, b = ([float(np.float32(side)) for side in sides] for sides in zip(*pairs, strict=True))
    difference, error, seeds = reference(LESSON, track, "paired_comparison")(a, b)
    exact = [Fraction(y) - Fraction(x) for x, y in zip(a, b, strict=True)]
    mean = sum(exact) / len(exact)
    assert float(difference) == pytest.approx(float(mean), abs=1e-12)
    if len(exact) == 1:
        assert math.isnan(error)
        assert math.isnan(seeds)
        return
    variance = sum((d - mean) ** 2 for d in exact) / (len(exact) - 1)
    assert float(error) == pytest.approx(math.sqrt(variance / len(exact)), abs=1e-9)
    if abs(mean) > Fraction(1, 10**6):  # nearer to 0, rounding decides
        needed = float(variance * Fraction(784, 100) / mean**2)
        assert abs(seeds - max(2, math.ceil(needed))) <= 1e-6 * needed + (abs(needed - round(needed)) < 1e-6 * needed)
