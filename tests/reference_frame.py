"""What holds an exercise's reference against a second, independent implementation; one test file a lesson uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from course_lib.checks.case import Case
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.proof.bank import bank_root, entries, load_answer

SEEDS = range(5)


@cache
def reference(lesson: str, exercise: str, track: str = "pytorch") -> Callable[..., Any]:
    """Return the solution of an exercise, as it stands in the lesson's text."""
    found = entries(bank_root(), lesson, track, exercise)
    return load_answer(next(entry for entry in found if entry.name == "reference solution"))


def expected_results(lesson: str, exercise: str, track: str = "pytorch") -> Iterator[tuple[Case, tuple[Any, ...], Any]]:
    """Yield the visible and hidden cases that have a right result, their inputs and the result, under every seed."""
    for case in graded_exercises(lesson, track)[exercise].cases:
        for seed in SEEDS:
            inputs = case.make_inputs(seed)
            right = case.right(inputs)
            if right is not None:
                yield case, inputs, right
