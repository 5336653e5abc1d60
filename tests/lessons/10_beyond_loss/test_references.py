"""The reference solutions of lesson 10 against second implementations: scikit-learn, all thresholds, sums by bin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_answers import reference
from sklearn.metrics import f1_score
from support import TRACKS

LESSON = "10_beyond_loss"
kinds = st.sampled_from([list, tuple, np.array])
logits = st.integers(-8, 8).map(lambda v: v / 4)
rows = st.lists(st.tuples(logits, st.integers(0, 1)), min_size=1, max_size=20)


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
@given(batches=st.lists(rows, min_size=1, max_size=6), kind=kinds, column=st.booleans())
def test_streaming_f1_is_scikit_learns(track: str, batches: Any, kind: Any, column: bool) -> None:
    metric = reference(LESSON, track, "streaming_f1")()
    for _ in range(2):  # the second time after a reset
        for batch in batches:
            z, y = (list(part) for part in zip(*batch, strict=True))
            metric.update(np.array(z)[:, None] if column else kind(z), kind(y))
        everything = [row for batch in batches for row in batch]
        expected = f1_score([y for _, y in everything], [z > 0 for z, _ in everything], zero_division=0.0)
        assert metric.compute() == pytest.approx(expected)
        assert metric.compute() == pytest.approx(expected)
        metric.reset()
        assert metric.compute() == 0


@pytest.mark.parametrize("track", TRACKS)
@given(val=rows, test=rows, miss=st.integers(1, 20), alarm=st.integers(1, 20), kind=kinds)
def test_choose_threshold_against_every_cut(track: str, val: Any, test: Any, miss: int, alarm: int, kind: Any) -> None:
    answer = reference(LESSON, track, "choose_threshold")
    sides = [kind(list(part)) for rows in (val, test) for part in zip(*rows, strict=True)]
    threshold, cost = answer(*sides, miss, alarm)

    def total(t: float, rows: Any) -> int:
        return sum((miss if y else 0) if z < t else (0 if y else alarm) for z, y in rows)

    cheapest = min(total(t, val) for t in [math.inf, *(z for z, _ in val)])
    assert threshold == max(t for t in [math.inf, *(z for z, _ in val)] if total(t, val) == cheapest)
    assert cost == pytest.approx(total(threshold, test) / len(test))


@pytest.mark.parametrize("track", TRACKS)
@given(
    table=st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=3), min_size=1, max_size=30),
    bins=st.integers(1, 20),
    seed=st.integers(0, 99),
    as_list=st.booleans(),
)
def test_calibration_error_against_sums_by_bin(
    track: str, table: list[list[int]], bins: int, seed: int, as_list: bool
) -> None:
    # An irrational power, so that no confidence lies on an edge.
    p = np.array(table, float) ** math.sqrt(2) + 1e-3 * np.arange(3)
    p /= p.sum(axis=1, keepdims=True)
    y = np.random.default_rng(seed).integers(0, 3, len(p))
    given_error = reference(LESSON, track, "calibration_error")(
        p.tolist() if as_list else p, y.tolist() if as_list else y, bins
    )
    difference = np.zeros(bins)
    np.add.at(
        difference, np.searchsorted(np.arange(1, bins) / bins, p.max(axis=1)), p.max(axis=1) - (p.argmax(axis=1) == y)
    )
    assert given_error == pytest.approx(np.abs(difference).sum() / len(p))
    binary = np.array([[0.25, 0.75], [0.0, 1.0], [0.25, 0.75]])
    assert reference(LESSON, track, "calibration_error")(binary, [1, 1, 1], 4) == pytest.approx((0.25 * 2) / 3)
