"""The reference solutions of lesson 08 against second implementations: exact fractions, pixels one by one, float64."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from reference_answers import reference
from support import TRACKS

LESSON = "08_regularisation"
kinds = st.sampled_from([list, tuple, np.array, lambda labels: np.array(labels, dtype=np.uint8)])
types = st.sampled_from(["float32", "float64", "uint8", "int64"])


@st.composite
def labelled(draw: Any) -> tuple[list[int], int]:
    n_classes = draw(st.integers(2, 20))
    return draw(st.lists(st.integers(0, n_classes - 1), min_size=1, max_size=12)), n_classes


@pytest.mark.parametrize("track", TRACKS)
@given(case=labelled(), eps=st.one_of(st.just(0.0), st.floats(1e-6, 0.99)), kind=kinds)
def test_smooth_targets_against_exact_fractions(track: str, case: Any, eps: float, kind: Any) -> None:
    labels, n_classes = case
    targets, floor = reference(LESSON, track, "smooth_targets")(kind(labels), n_classes, eps)
    rest = Fraction(eps) / n_classes
    exact = [[rest + (1 - Fraction(eps) if k == label else 0) for k in range(n_classes)] for label in labels]
    np.testing.assert_allclose(np.asarray(targets), np.array(exact, dtype=float), rtol=1e-12, atol=1e-15)
    entropy = math.fsum(-float(p) * math.log(p) for p in exact[0] if p > 0)
    assert float(floor) == pytest.approx(entropy, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("track", TRACKS)
@given(data=st.data(), dtype=types, seed=st.integers(0, 1000))
@settings(max_examples=30)
def test_augment_moves_each_image_to_one_of_nine_places(track: str, data: Any, dtype: str, seed: int) -> None:
    shape = data.draw(arrays.array_shapes(min_dims=3, max_dims=3, min_side=2, max_side=6))
    images = np.random.default_rng(seed).integers(1, 17, shape).astype(dtype)
    before, rng = images.copy(), np.random.default_rng(seed)
    moved = reference(LESSON, track, "augment")(images, rng)
    assert moved is not images
    np.testing.assert_array_equal(images, before)
    assert (moved.shape, moved.dtype) == (images.shape, images.dtype)
    _, height, width = shape
    for image, new in zip(images, moved, strict=True):
        places = []
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                place = np.zeros_like(image)
                for row in range(height):
                    for column in range(width):
                        if 0 <= row - down < height and 0 <= column - right < width:
                            place[row, column] = image[row - down, column - right]
                places.append(place)
        assert any(np.array_equal(new, place) for place in places)


def _float64(weights: Any, part: Any, training: bool, eps: float) -> float:
    """Return a loss of a network with a dropout that drops nothing, row by row."""
    first, first_bias, last, last_bias = (np.asarray(w, float) for w in weights)
    total = 0.0
    for x, y in zip(*part, strict=True):
        z = np.maximum(np.asarray(x, float) @ first + first_bias, 0) @ last + last_bias
        logs = z - np.logaddexp.reduce(z)
        total -= (1 - eps) * logs[y] + eps * logs.mean()
    return total / len(part[1])


@pytest.mark.parametrize("track", TRACKS)
@given(
    seed=st.integers(0, 1000),
    rows=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    lam=st.sampled_from([0.0, 0.01, 2.0]),
    eps=st.sampled_from([0.0, 0.1, 0.7]),
)
@settings(max_examples=12, deadline=None)
def test_plain_and_reported_against_float64(track: str, seed: int, rows: Any, lam: float, eps: float) -> None:
    rng = np.random.default_rng(seed)
    sizes = ((3, 5), (5,), (5, 4), (4,))
    weights = [rng.normal(size=size).astype(np.float32) for size in sizes]
    parts = [(rng.normal(size=(n, 3)).astype(np.float32), rng.integers(0, 4, n)) for n in rows]
    losses = reference(LESSON, track, "plain_and_reported")(*_given(track, weights, parts), lam, eps)
    penalty = lam * sum(float((w.astype(float) ** 2).sum()) for w in weights if w.ndim > 1)
    for name, part in zip(("train", "val"), parts, strict=True):
        right = {"reported": _float64(weights, part, True, eps) + penalty, "plain": _float64(weights, part, False, 0.0)}
        for kind, loss in right.items():
            assert losses[f"{name}_{kind}"] == pytest.approx(loss, rel=1e-4, abs=1e-5)


def _given(track: str, weights: Any, parts: Any) -> tuple[Any, ...]:
    if track == "pytorch":
        import torch
        from torch import nn

        model = nn.Sequential(nn.Dropout(0.0), nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4))
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), weights, strict=True):
                parameter.copy_(torch.from_numpy(value.T.copy()))
        return model, *(tuple(map(torch.from_numpy, part)) for part in parts)
    import keras

    layers = [keras.layers.Dropout(0.0), keras.layers.Dense(5, "relu"), keras.layers.Dense(4)]
    network = keras.Sequential([keras.Input((3,)), *layers])
    network.set_weights(weights)
    return network, *parts
