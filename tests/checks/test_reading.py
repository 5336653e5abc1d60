"""A run read by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_lib.checks.case import Evidence
from course_lib.checks.plain import describe
from course_lib.checks.reading import Reading


def reading(result: Any = None, **seen: Any) -> Reading:
    return Reading(Evidence(({"epochs": 1},), {"result": describe(result), **seen}))


def forward(*rows: float) -> dict[str, Any]:
    return {"what": "forward", "rows": list(rows)}


def test_passes_and_steps() -> None:
    train, val = np.array([[1.0, 0], [2.0, 0]]), np.array([[3.0, 0]])
    seen = reading(events=[forward(1.0), {"what": "step"}, forward(2.0000001), forward(3.0)])
    assert [event["rows"] for event in seen.passes] == [[1.0], [2.0000001], [3.0]]
    assert seen.passed(train)
    assert seen.updated_on(train)
    assert not seen.updated_on(val)
    assert not reading().passed(val)


@pytest.mark.parametrize(
    ("result", "at", "numbers"),
    [
        (2.5, None, [2.5]),
        ((1.0, np.array([2.0, 3.0])), 1, [2.0, 3.0]),
        ({"loss": [1.0, None]}, "loss", [1.0, None]),
        ({"loss": 1.0}, "val_loss", []),
        ("text", None, [None]),
    ],
)
def test_numbers_that_came_back(result: Any, at: str | int | None, numbers: list[float | None]) -> None:
    assert reading(result).numbers(at) == numbers


def test_how_it_ended() -> None:
    seen = reading(error={"type": "TypeError", "message": "no len() here", "line": ""}, touched=["weights"])
    assert seen.raised("TypeError", "len()")
    assert seen.raised("", "what", "here")
    assert not seen.raised("AttributeError", "len()")
    assert not reading().raised("", "")
    assert seen.touched == ["weights"]
    assert seen.noted("first_call") is None


def test_evidence_is_read_once_in_each_way() -> None:
    made: list[Evidence] = []

    def one(e: Evidence) -> int:
        made.append(e)
        return len(made)

    e, other = Evidence((1.0,), {}), Evidence((1.0,), {})
    assert [e.read_as(one), e.read_as(one), other.read_as(one), e.read_as(one)] == [1, 1, 2, 1]
    assert e == other  # what was read is no part of what was seen
