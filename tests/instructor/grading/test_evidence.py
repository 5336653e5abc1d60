"""What a kernel hands out may be forged: whatever it is, judging it ends, and gives no points for its form."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.checks.plain import describe
from course_lib.instructor.grading.evidence import form_problem
from course_lib.instructor.grading.judge import judge
from course_lib.instructor.hidden import graded_exercises, run_graded

LESSON, TRACK, EXERCISE = "03_tracking_loops", "pytorch", "epoch_loss"


def right(losses: Any, sizes: Any) -> float:
    return sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes)


def handed_out(answer: Any = right) -> dict[str, Any]:
    """What the check of an answer hands out, as the sandbox's observer does."""
    return run_graded(LESSON, TRACK, EXERCISE, answer).to_json() | {"missing": ""}


def array(shape: list[Any], values: Any) -> dict[str, Any]:
    return {"kind": "array", "shape": shape, "values": values, "dtype": "float64", "type": "ndarray", "graph": False}


def nested(depth: int) -> list[Any]:
    return [nested(depth - 1)] if depth else []


def with_results(result: Any) -> dict[str, Any]:
    data = handed_out()
    for run in data["evidence"]:
        run["seen"]["result"] = result
    return data


FORGED = {
    "flags that are a number": lambda: handed_out() | {"flags": 5},
    "cases that are a dictionary": lambda: handed_out() | {"evidence": [], "cases": {"a": 1}},
    "cases that are numbers": lambda: handed_out() | {"evidence": [], "cases": [5]},
    "evidence that is a number": lambda: handed_out() | {"evidence": 5},
    "a status that is a list": lambda: handed_out() | {"status": ["done"]},
    "an array of a billion rows": lambda: with_results(array([10**9, 1], [])),
    "arrays of a million empty rows": lambda: with_results(array([10**6, 0], [])),
    "an array with a shape of words": lambda: with_results(array(["many"], [])),
    "nested without end": lambda: handed_out() | {"evidence": [{"run": "a", "seen": {"result": nested(300)}}]},
    "a text of megabytes": lambda: with_results({"kind": "text", "value": "x" * 10**7, "type": "str"}),
    "a key of megabytes": lambda: with_results({"kind": "dict", "items": [["x" * 10**7, array([0], [])]], "type": "d"}),
    "a megabyte in many texts": lambda: with_results([{"kind": "text", "value": "x" * 1000, "type": "str"}] * 2000),
    "a million keys": lambda: with_results({str(number): 1 for number in range(300_000)}),
    "a number of a thousand digits": lambda: with_results({"kind": "number", "value": 10**1000, "type": "int"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORGED)
def test_forged_data_gives_nothing_and_is_flagged(name: str) -> None:
    result = judge([FORGED[name]()], LESSON, TRACK, EXERCISE)
    assert result.score == 0
    assert any("forged" in flag or "could not be judged" in flag for flag in result.flags)


def test_what_a_check_hands_out_has_the_right_form() -> None:
    assert form_problem(handed_out()) is None
    assert form_problem(handed_out(lambda losses, sizes: 10**300)) is None
    assert judge([handed_out()], LESSON, TRACK, EXERCISE).passed
    assert not judge([handed_out()], LESSON, TRACK, EXERCISE).flags


def test_points_that_are_claimed_without_evidence_are_flagged() -> None:
    result = judge([handed_out() | {"evidence": [], "score": 2.0}], LESSON, TRACK, EXERCISE)
    assert result.score == 0
    assert result.flags == ("it claims points, and hands out no evidence",)


@pytest.mark.parametrize("how", ["in an exception", "as a result"])
def test_hidden_inputs_are_not_repeated_on_the_page(how: str) -> None:
    """An answer that saw them shows them in a visible case, or rewrites what a visible case saw."""
    hidden = next(c for c in graded_exercises(LESSON, TRACK)[EXERCISE].cases if c.hidden)
    inputs = hidden.make_inputs(0)
    data = handed_out()
    for run in data["evidence"]:
        run["seen"]["result"] = describe([float(v) for v in inputs[0]])
        if how == "in an exception":
            run["seen"]["error"] = {"type": "ValueError", "message": str(inputs)[:300], "line": ""}
    result = judge([data], LESSON, TRACK, EXERCISE)
    told = " ".join(case.message for case in result.cases)
    assert not [v for v in inputs[0] if f"{v:.4g}" in told]
    assert "its messages repeated inputs of a hidden case" in result.flags


def test_an_honest_mistake_is_shown_with_its_numbers() -> None:
    result = judge([handed_out(lambda losses, sizes: sum(losses) / len(losses))], LESSON, TRACK, EXERCISE)
    assert not result.flags
    assert any("right" in case.message for case in result.cases)


def test_no_more_flags_are_kept_than_a_person_reads() -> None:
    result = judge([handed_out() | {"flags": ["x" * 1000] * 1000}], LESSON, TRACK, EXERCISE)
    assert 0 < len(result.flags) <= 20
    assert max(map(len, result.flags)) <= 300


def test_a_check_that_handed_out_nothing_is_flagged() -> None:
    """The learner's doing or the machine's: either way a person should know."""
    result = judge([], LESSON, TRACK, EXERCISE)
    assert result.score == 0
    assert result.flags == ("the check gave no result",)
    assert judge([], LESSON, TRACK, EXERCISE, "Stopped after 6 s.").flags == ()  # that is told already
