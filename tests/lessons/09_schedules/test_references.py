"""The reference solutions of lesson 09 against second implementations: whole schedules, the libraries, exact sums."""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_answers import reference
from support import ROOT, TRACKS

LESSON = "09_schedules"
kinds = st.sampled_from([list, tuple, lambda values: np.array(values, dtype=float)])


@pytest.mark.parametrize("track", TRACKS)
@given(
    warmup=st.integers(0, 40),
    decay=st.integers(1, 60),
    peak=st.floats(1e-4, 10),
    share=st.floats(0, 0.99),
    past=st.integers(0, 5),
)
def test_cosine_with_warmup_against_a_schedule_made_at_once(
    track: str, warmup: int, decay: int, peak: float, share: float, past: int
) -> None:
    total, floor = warmup + decay, share * peak
    answer = reference(LESSON, track, "cosine_with_warmup")
    rise = np.linspace(0, peak, warmup + 2)[1:-1]
    fall = floor + (peak - floor) * np.cos(np.linspace(0, math.pi / 2, decay + 1)) ** 2
    expected = [*rise, *fall, *([floor] * past)]
    given_rates = [answer(step, total, warmup, peak, floor) for step in range(total + 1 + past)]
    assert given_rates == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert answer(total, total, warmup, peak) == 0


def _precompute() -> Any:
    path = ROOT / "scripts" / "precompute_plateaus.py"
    spec = importlib.util.spec_from_file_location("precompute_plateaus", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


#: On a grid, so that a sum and a product round alike; the first is a number.
losses = st.lists(st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0, 2.0, 64.0, math.nan]), max_size=30)


@pytest.mark.slow
@given(
    rest=losses,
    patience=st.integers(0, 5),
    cooldown=st.integers(0, 4),
    threshold=st.sampled_from([0.0, 1e-4, 0.25, 0.5]),
)
def test_plateau_cuts_are_those_of_the_libraries(
    rest: list[float], patience: int, cooldown: int, threshold: float
) -> None:
    values, libraries = [1.0, *rest], _precompute()
    for track in TRACKS:
        answer = reference(LESSON, track, "plateau_cuts")
        for convention, cuts in (("torch", libraries.torch_cuts), ("keras", libraries.keras_cuts)):
            assert answer(values, patience, convention, threshold, cooldown) == cuts(
                values, patience, cooldown, threshold
            )


@pytest.mark.parametrize("track", TRACKS)
@given(
    values=st.lists(
        st.one_of(st.integers(-64, 640).map(lambda v: v / 64), st.sampled_from([math.nan, math.inf, -math.inf])),
        min_size=1,
        max_size=40,
    ),
    half=st.integers(0, 6),
    kind=kinds,
)
def test_range_test_against_exact_sums(track: str, values: list[float], half: int, kind: Any) -> None:
    window, rates = 2 * half + 1, np.geomspace(1e-4, 10, len(values))
    given_rate = reference(LESSON, track, "range_test")(kind(rates), kind(values), window)
    finite = values[: next((k for k, value in enumerate(values) if not math.isfinite(value)), len(values))]
    sums = [int(64 * sum(finite[k : k + window])) for k in range(len(finite) - window + 1)]
    if sums:
        assert given_rate == pytest.approx(rates[sums.index(min(sums)) + half] / 10)
    else:
        assert math.isnan(given_rate)
