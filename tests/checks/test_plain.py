"""Answers are read into plain data, and equal values are equal whatever their type."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.checks.compare import Matches, close, kind_problem, near
from course_lib.checks.plain import describe, dict_of, has_graph, list_of, number_of, show, show_apart

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_what_is_read_survives_strict_json(value: object) -> None:
    plain = describe(value)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


@given(numbers)
def test_a_number_is_the_same_in_every_type(value: float) -> None:
    forms = [value, np.float64(value), np.array(value), Fraction(value), Decimal(value), np.float32(value)]
    assert {number_of(describe(form)) for form in forms} == {float(value)}


@given(st.lists(numbers, max_size=6))
def test_a_list_is_the_same_in_every_type(items: list[float]) -> None:
    forms = [items, tuple(items), np.array(items), iter(items), (v for v in items)]
    for form in forms:
        assert [number_of(p) for p in list_of(describe(form)) or []] == items


@given(st.lists(numbers, min_size=1, max_size=6), st.integers(0, 5), st.floats(0.01, 10))
def test_a_comparison_notices_any_number_that_is_off(items: list[float], place: int, by: float) -> None:
    place %= len(items)
    wrong = [v + by * max(1.0, abs(v)) * (i == place) for i, v in enumerate(items)]
    assert close(describe(items), items) is None
    assert f"[{place}]" in (close(describe(wrong), items) or "")


def test_torch_tensors_are_read_and_graphs_noticed() -> None:
    import torch

    assert number_of(describe(torch.tensor(1.5))) == 1.5
    assert not has_graph(describe(torch.tensor([1.5])))
    attached = {"loss": [torch.tensor(1.5, requires_grad=True) * 2]}
    assert has_graph(describe(attached))
    assert (kind_problem(describe(attached)) or ("",))[0] == "graph_attached"
    assert number_of(describe(torch.tensor(1.5, dtype=torch.bfloat16))) == 1.5


def test_kinds_that_are_no_number() -> None:
    for value in (True, "1", None, [1.0], np.array([1.0]), object(), lambda: 1, 1j):
        assert number_of(describe(value)) is None, value
        assert close(describe(value), 1.0) is not None, value


@pytest.mark.parametrize("kind", ["endless", "nested", "wide", "self"])
def test_what_is_too_big_ends(kind: str) -> None:
    import itertools

    itself: list[object] = []
    itself.append(itself)
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    value = {"endless": itertools.count(), "nested": deep, "wide": [0] * 10**6, "self": itself}[kind]
    assert "too_big" in json.dumps(describe(value))


def test_an_object_that_equals_everything_is_not_believed() -> None:
    class Yes:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            return True

    assert close(describe(Yes()), 1.0) is not None
    assert close(describe([Yes()]), [1.0]) is not None


def test_mappings_dataclasses_and_pairs() -> None:
    from dataclasses import dataclass

    @dataclass
    class Pair:
        batch_losses: list
        batch_sizes: list

    pair = Matches(names=("batch_losses", "batch_sizes"))
    assert pair(describe(Pair([1.0], [2])), ([1.0], [2])) is None
    assert "batch_sizes" in (pair(describe(([1.0], [3])), ([1.0], [2])) or "")
    assert pair(describe({"a": 1, "b": 2}), ([1.0], [2])) is not None
    assert dict_of(describe({"loss": 1})) == {"loss": describe(1)}
    assert "'val_loss' is missing" in (close(describe({"loss": [1]}), {"loss": [1], "val_loss": [1]}) or "")


def test_shapes_and_dtypes_of_arrays() -> None:
    column = describe(np.ones((3, 1)))
    assert "the shape should be (3,); yours has the shape (3, 1)" in (close(column, [1.0, 1.0, 1.0]) or "")
    assert close(column, [[1.0]] * 3) is None
    whole = Matches(dtype="int")
    assert whole(describe(np.arange(3)), [0, 1, 2]) is None
    assert whole(describe([0.0, 1.0, 2.0]), [0, 1, 2]) is None
    assert "float64" in (whole(describe(np.arange(3.0)), [0, 1, 2]) or "")
    assert close(describe(np.ones((2, 2))), ([1.0, 1.0], [1.0])) is not None


def test_nan_agrees_with_nan_only() -> None:
    assert near(math.nan, math.nan)
    assert not near(1.0, math.nan)
    assert not near(math.nan, 1.0)
    assert close(describe(math.inf), math.inf) is None


def test_two_numbers_are_shown_so_that_they_differ() -> None:
    assert show([1.0, 2.123456]) == "[1, 2.123]"
    assert len(set(show_apart(1.00001, 1.00002))) == 2
    assert show(describe(...)) == "..."
