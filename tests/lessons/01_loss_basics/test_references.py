"""Lesson 01: solutions and expected results are held against a second implementation, in whatever types may come."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.reference_frame import expected_results, reference

LESSON = "01_loss_basics"
TYPES = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32")


def numbers(dtype: str) -> st.SearchStrategy[Any]:
    """Numbers of a type, to the ends of its range where that is whole."""
    if dtype.startswith("float"):
        most = {"float64": 1e100, "float32": 2.0**60, "float16": 60000.0}[dtype]
        return st.floats(-most, most, width=int(dtype.removeprefix("float")))
    limits = np.iinfo(dtype)
    return st.integers(int(limits.min), int(limits.max))


def columns(n: int) -> st.SearchStrategy[np.ndarray]:
    """Arrays of shape (n,) or (n, 1), of any type."""
    return st.sampled_from(TYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, st.sampled_from([(n,), (n, 1)]), elements=numbers(dtype))
    )


def exact(value: Any) -> Fraction:
    return Fraction(float(value)) if isinstance(value, np.floating | float) else Fraction(int(value))


def mean_square(predictions: np.ndarray, targets: np.ndarray) -> float:
    errors = [exact(p) - exact(t) for p, t in zip(predictions.flat, targets.flat, strict=True)]
    return float(sum(error**2 for error in errors) / len(errors))


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(columns(n), columns(n))))
def test_mse_in_any_type_and_shape(arrays: tuple[np.ndarray, np.ndarray]) -> None:
    kept = [array.copy() for array in arrays]
    given_back = reference(LESSON, "mse")(*arrays)
    assert type(given_back) is float
    assert given_back == pytest.approx(mean_square(*arrays), rel=1e-9)
    assert all(np.array_equal(*pair) for pair in zip(arrays, kept, strict=True))


def cost(logits: np.ndarray, targets: np.ndarray) -> float:
    """Row by row in Python: after the largest logit is taken out, a sum of at least 1 goes into the logarithm."""
    total = 0.0
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        top = max(row)
        total += math.log(math.fsum(math.exp(one - top) for one in row)) - (row[target] - top)
    return total / len(targets)


@st.composite
def scored(draw: st.DrawFn, classes: int = 6) -> tuple[np.ndarray, np.ndarray]:
    n, k = draw(st.integers(1, 5)), draw(st.integers(2, classes))
    width = draw(st.sampled_from([32, 64]))
    most = draw(st.sampled_from([3.0, 200.0, 20_000.0, 1e6]))
    logits = draw(hnp.arrays(f"float{width}", (n, k), elements=st.floats(-most, most, width=width)))
    whole = draw(st.sampled_from(["int64", "int32", "uint8"]))
    return logits, draw(hnp.arrays(whole, n, elements=st.integers(0, k - 1)))


@given(scored())
def test_cross_entropy_for_logits_of_any_size(rows: tuple[np.ndarray, np.ndarray]) -> None:
    kept = rows[0].copy()
    given_back = reference(LESSON, "cross_entropy_from_logits")(*rows)
    assert type(given_back) is float
    assert math.isfinite(given_back)
    assert given_back == pytest.approx(cost(*rows), rel=1e-4, abs=1e-6)
    assert np.array_equal(rows[0], kept)


def know_nothing(n_classes: int, targets: np.ndarray) -> dict[str, float]:
    values = [exact(target) for target in targets]
    mean = sum(values) / len(values)
    return {
        "cross_entropy": -math.log(1 / n_classes),
        "mse": float(sum((value - mean) ** 2 for value in values) / len(values)),
    }


@given(st.integers(2, 10_000), st.integers(1, 8).flatmap(columns))
def test_baselines_of_any_targets(n_classes: int, targets: np.ndarray) -> None:
    targets = targets.ravel()
    given_back = reference(LESSON, "baseline_losses")(n_classes, targets)
    right = know_nothing(n_classes, targets)
    largest = max(abs(float(target)) for target in targets)
    assert given_back["cross_entropy"] == pytest.approx(right["cross_entropy"])
    assert given_back["mse"] == pytest.approx(right["mse"], rel=1e-9, abs=1e-14 * largest**2)
    assert all(type(value) is float for value in given_back.values())


def _model(logits: np.ndarray, track: str) -> Any:
    """Return a model that gives its inputs back as logits."""
    if track == "pytorch":
        from torch import nn

        return nn.Identity()
    return lambda inputs: inputs


@pytest.mark.parametrize("track", ["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
@settings(max_examples=30)
@given(rows=scored())
def test_first_losses_of_any_logits(track: str, rows: tuple[np.ndarray, np.ndarray]) -> None:
    logits, targets = rows[0].astype(np.float32), rows[1].astype(np.int64)
    n_classes = logits.shape[1]
    inputs: Any = (logits, targets)
    if track == "pytorch":
        import torch

        inputs = torch.tensor(logits), torch.tensor(targets)
    given_back = reference(LESSON, "first_loss_diagnosis", track)(_model(logits, track), *inputs, n_classes)
    loss, expected = cost(logits, targets), -math.log(1 / n_classes)
    assert given_back["first_loss"] == pytest.approx(loss, rel=1e-4, abs=1e-4 + 1e-6 * float(np.abs(logits).max()))
    assert given_back["expected"] == pytest.approx(expected)
    if abs(abs(loss - expected) - 0.2 * expected) > 1e-2 + 1e-6 * float(np.abs(logits).max()):
        assert bool(given_back["healthy"]) == (0.8 * expected < loss < 1.2 * expected)


SECOND = {
    "mse": mean_square,
    "cross_entropy_from_logits": cost,
    "baseline_losses": know_nothing,
    "first_loss_diagnosis": lambda logits, targets, k: {
        "first_loss": cost(logits, targets),
        "expected": math.log(k),
        "healthy": abs(cost(logits, targets) - math.log(k)) < 0.2 * math.log(k),
    },
}


@pytest.mark.parametrize("exercise", SECOND)
def test_expected_results_are_those_of_the_second_implementation(exercise: str) -> None:
    seen = 0
    for case, inputs, right in expected_results(LESSON, exercise):
        again = SECOND[exercise](*inputs)
        if isinstance(right, dict):
            again = {key: again[key] for key in right}
        assert right == pytest.approx(again, rel=1e-6), case.name
        seen += 1
    assert seen >= 15
