"""Lesson 02: the solutions keep what their docstrings promise, for inputs of every size and type that may come."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.data import Scaler
from tests.reference_frame import expected_results, reference

LESSON = "02_train_val_split"
SEEDS = st.integers(0, 2**32 - 1)
texts = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=5)


def as_lists(parts: Any) -> list[list[int]]:
    return [[int(row) for row in part] for part in parts]


def assert_each_row_once(parts: list[list[int]], n: int) -> None:
    assert sorted(row for part in parts for row in part) == list(range(n))


@pytest.mark.slow
@given(st.integers(3, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 2))), st.data(), SEEDS)
def test_three_parts_of_any_sizes(rows: tuple[int, int], data: st.DataObject, seed: int) -> None:
    n, val = rows
    test = data.draw(st.integers(1, n - val - 1))
    split = reference(LESSON, "three_way_split")
    parts = as_lists(split(n, val, test, seed))
    assert [len(part) for part in parts] == [n - val - test, val, test]
    assert_each_row_once(parts, n)
    assert as_lists(split(n, val, test, seed)) == parts


@st.composite
def people(draw: st.DrawFn, least: int = 1) -> np.ndarray:
    """A column of whole numbers, 0 and negative ones among them, or of texts; some come only once."""
    elements = draw(st.sampled_from([st.integers(-2, 5), st.integers(0, 255), texts]))
    values = draw(st.lists(elements, min_size=least, max_size=30))
    return np.array(values)


@pytest.mark.slow
@given(people(), st.floats(0.01, 0.99), SEEDS)
def test_stratified_parts_of_any_labels(labels: np.ndarray, share: float, seed: int) -> None:
    kept = labels.copy()
    train, val = as_lists(reference(LESSON, "stratified_split")(labels, share, seed))
    assert_each_row_once([train, val], len(labels))
    in_val = Counter(labels[row] for row in val)
    for label, count in Counter(labels.tolist()).items():
        assert math.floor(share * count) <= in_val[label] <= math.ceil(share * count)
    assert np.array_equal(labels, kept)


@given(people(least=2).filter(lambda column: len(set(column.tolist())) > 1), st.data(), SEEDS)
def test_whole_people_on_one_side(groups: np.ndarray, data: st.DataObject, seed: int) -> None:
    everybody = set(groups.tolist())
    wanted = data.draw(st.integers(1, len(everybody) - 1))
    train, val = as_lists(reference(LESSON, "group_split")(groups, wanted, seed))
    assert_each_row_once([train, val], len(groups))
    sides = {groups[row].item() for row in train}, {groups[row].item() for row in val}
    assert not sides[0] & sides[1]
    assert len(sides[1]) == wanted


def exact_units(train: np.ndarray, val: np.ndarray) -> list[list[list[float]]]:
    """Standardise in fractions, column by column."""
    columns = [[Fraction(float(x)) for x in column] for column in train.T.tolist()]
    means = [sum(column) / len(column) for column in columns]
    variances = [
        sum((x - mean) ** 2 for x in column) / len(column) for column, mean in zip(columns, means, strict=True)
    ]
    spreads = [math.sqrt(variance) if variance else 1.0 for variance in variances]
    return [
        [
            [float(Fraction(float(x)) - mean) / spread for x, mean, spread in zip(row, means, spreads, strict=True)]
            for row in part.tolist()
        ]
        for part in (train, val)
    ]


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Training and validation rows: constant columns, tiny units and a large offset among them."""
    dtype = draw(st.sampled_from(["float64", "float32", "int64", "int32", "uint8"]))
    n, m, d = draw(st.integers(1, 8)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    if dtype.startswith("float"):
        numbers = st.sampled_from([0.1, 0.7, 1.0, 3.3, -2.5, 1e-3, 250.0])
        scale, offset = draw(st.sampled_from([1.0, 1e-30, 1e-6, 1e6])), draw(st.sampled_from([0.0, 0.0, 100.0]))
    else:
        numbers, scale, offset = st.sampled_from([0, 1, 3, 7, 200, 255]), 1, 0
    shape = st.lists(st.lists(numbers, min_size=d, max_size=d), min_size=1, max_size=8)
    train = np.array(draw(shape.filter(bool))[:n]) * scale + offset
    val = np.array(draw(shape.filter(bool))[:m]) * scale + offset
    if draw(st.booleans()):
        train[:, 0] = train[0, 0]
    return train.astype(dtype), val.astype(dtype)


@pytest.mark.slow
@settings(max_examples=200)
@given(tables())
def test_units_of_the_training_rows(parts: tuple[np.ndarray, np.ndarray]) -> None:
    train, val = parts
    kept = train.copy(), val.copy()
    results = reference(LESSON, "standardise")(train, val)
    right = exact_units(train, val)
    eps = float(np.finfo(train.dtype).eps) if train.dtype.kind == "f" else 1e-15
    for given_back, wanted in zip(results, right, strict=True):
        assert given_back.shape == np.shape(wanted)
        assert np.all(np.isfinite(given_back))
        for column in range(train.shape[1]):
            spread = float(np.std(train[:, column].astype(float)))
            varies = len(set(train[:, column].tolist())) > 1
            digits = 20 * eps * float(np.abs(train[:, column].astype(float)).max()) / (spread if varies else 1.0)
            assert given_back[:, column] == pytest.approx([row[column] for row in wanted], rel=1e-4, abs=1e-6 + digits)
    assert np.array_equal(train, kept[0])
    assert np.array_equal(val, kept[1])


@pytest.mark.parametrize("value", [0.1, 0.7, 3.3, 1e-30, 1234.567, 1e8 + 0.1])
@pytest.mark.parametrize("rows", range(1, 14))
def test_a_column_of_equal_fractions_is_divided_by_one(value: float, rows: int) -> None:
    train, val = np.full((rows, 1), value), np.array([[value + 0.5]])
    scaled_train, scaled_val = reference(LESSON, "standardise")(train, val)
    assert np.abs(scaled_train).max() < 1e-6
    assert scaled_val[0, 0] == pytest.approx(0.5, abs=1e-6)
    assert Scaler(train)(val)[0, 0] == pytest.approx(0.5, abs=1e-6)


def test_expected_results_are_those_of_the_second_implementation() -> None:
    seen = 0
    for case, inputs, right in expected_results(LESSON, "standardise"):
        for mine, wanted in zip(exact_units(*inputs), right, strict=True):
            assert np.allclose(mine, wanted, rtol=1e-5, atol=1e-5), case.name
        seen += 1
    assert seen >= 30


def test_the_pipelines_that_leak_are_those_whose_training_inputs_change() -> None:
    from course_lib.lessons.l02_train_val_split.leak_hunt import PIPELINES, share_changed

    assert reference(LESSON, "leak_hunt") == [letter for letter in PIPELINES if share_changed(letter) > 0]
