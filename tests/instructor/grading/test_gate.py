"""The gate: hidden inputs in whatever order and notation, control characters and endless text do not leave."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.checks.plain import describe
from course_lib.instructor.grading.gate import MOST_TEXT, Gate, hidden_numbers
from course_lib.instructor.grading.judge import LEFT_OUT, judge
from course_lib.instructor.grading.packing import package
from course_lib.instructor.hidden import graded_exercises, run_graded

LESSON, TRACK, EXERCISE = "03_tracking_loops", "pytorch", "epoch_loss"
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def inputs() -> list[float]:
    case = next(c for c in graded_exercises(LESSON, TRACK)[EXERCISE].cases if c.hidden)
    return [float(value) for value in case.make_inputs(0)[0]]


def in_words(text: str) -> str:
    return " ".join(DIGITS[int(c)] if c.isdigit() else "point" if c == "." else c for c in text)


NOTATIONS = {
    "as they are": lambda v: str(v),
    "reversed in order": lambda v: str(v[::-1]),
    "every text reversed": lambda v: str(v)[::-1],
    "shuffled": lambda v: str(list(np.random.default_rng(1).permutation(v))),
    "six decimals": lambda v: " ".join(f"{x:.6f}" for x in v),
    "six decimals of two": lambda v: f"{v[0]:.6f} and {v[2]:.6f} and {v[1]:.6f}",
    "four digits": lambda v: ", ".join(f"{x:.4g}" for x in v),
    "in millionths": lambda v: " ".join(str(round(x * 1e6)) for x in v),
    "with an exponent": lambda v: " ".join(f"{x:.7e}" for x in v),
    "in hexadecimal": lambda v: " ".join(x.hex() for x in v),
    "with commas": lambda v: "; ".join(f"{x:.6f}".replace(".", ",") for x in v),
    "without zeros": lambda v: " ".join(f"{x:.6f}".lstrip("0") for x in v),
    "digit by digit": lambda v: " / ".join(" ".join(f"{x:.6f}") for x in v),
    "in words": lambda v: ", ".join(in_words(f"{x:.6f}") for x in v),
    "of full width": lambda v: str(v).translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)}),
    "with zero-width characters": lambda v: "\u200b".join(str(v)),
    "with marks above": lambda v: "".join(c + "\u0301" for c in str(v)),
    "one long run": lambda v: "".join(f"{x:.9f}".replace(".", "") for x in v),
    "base 64": lambda v: base64.b64encode(json.dumps(v).encode()).decode(),
    "bytes as hexadecimal": lambda v: np.array(v).tobytes().hex(),
    "the package": lambda v: package(LESSON, TRACK, EXERCISE)[:5000],
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_hidden_inputs_are_recognised(notation: str) -> None:
    assert Gate(LESSON, TRACK).problem([f"ValueError: {NOTATIONS[notation](inputs())}"]) is not None


def test_single_numbers_in_many_messages_are_seen_together() -> None:
    assert Gate(LESSON, TRACK).problem([f"it said {value:.5f}" for value in inputs()]) is not None


@given(st.lists(st.floats(0, 10, width=32), max_size=12), st.integers(3, 6))
def test_other_numbers_pass(values: list[float], digits: int) -> None:
    text = f"expected {values[:1]}, given [{', '.join(f'{v:.{digits}g}' for v in values)}]"
    known = {f"{h:.3g}" for h in hidden_numbers(LESSON, TRACK)}
    if not {f"{v:.3g}" for v in values} & known:
        assert Gate(LESSON, TRACK).problem([text]) is None


def handed_out(answer: Any = lambda losses, sizes: 0.0) -> dict[str, Any]:
    return run_graded(LESSON, TRACK, EXERCISE, answer).to_json() | {"missing": ""}


def with_seen(**seen: Any) -> dict[str, Any]:
    data = handed_out()
    for run in data["evidence"]:
        run["seen"].update(seen)
    return data


#: Every place of what a kernel hands out from which a text gets onto a page or into a report.
PLACES = {
    "message of an exception": lambda t: with_seen(error={"type": "ValueError", "message": t, "line": ""}),
    "name of an exception": lambda t: with_seen(error={"type": t, "message": "", "line": ""}),
    "line of the answer": lambda t: with_seen(error={"type": "ValueError", "message": "", "line": t}),
    "a text that was returned": lambda t: with_seen(result={"kind": "text", "value": t, "type": "str"}),
    "name of a type": lambda t: with_seen(result={"kind": "object", "type": t}),
    "key of a dictionary": lambda t: with_seen(result=describe({t: 1.0})),
    "numbers that were returned": lambda t: with_seen(result=describe([float(x) for x in t.split() if x[0].isdigit()])),
    "name that is missing": lambda t: handed_out() | {"status": "not_done", "missing": t},
    "name that is missing, as Python says it": lambda t: (
        handed_out() | {"status": "not_done", "missing": f"name '{t}' is not defined"}
    ),
    "what was handed in": lambda t: handed_out() | {"evidence": [], "cases": [{"message": t}]},
    "a flag": lambda t: handed_out() | {"flags": [t]},
    "a message of the check": lambda t: handed_out() | {"message": t, "cases": [{"message": t, "name": t}]},
    "why it failed": lambda t: t,
}


def judged(place: str, text: str) -> Any:
    data = PLACES[place](text)
    return judge([], LESSON, TRACK, EXERCISE, f"The check ended in E: {data}") if isinstance(data, str) else judge(
        [data], LESSON, TRACK, EXERCISE
    )  # fmt: skip


def shown(result: Any) -> str:
    return json.dumps(result.to_json(), ensure_ascii=False)


@pytest.mark.parametrize("place", PLACES)
def test_no_place_lets_hidden_inputs_out(place: str) -> None:
    values = [str(value) for value in inputs()]
    result = judged(place, " ".join(values))
    assert not [value for value in values if value[:6] in shown(result)]


@pytest.mark.parametrize("place", PLACES)
def test_no_place_lets_control_characters_or_megabytes_out(place: str) -> None:
    text = (
        "red \x1b[31m \u202e back\x00wards \ud800 " + "word and word " * 1_000_000
        if "numbers" not in place
        else "1.5 2.5"
    )
    result = judged(place, text)
    told = shown(result)
    assert len(told) < 40_000
    assert not [
        c for c in ("\x1b", "\u202e", "\x00", "\ud800") if c in told or repr(c)[1:-1] in told.replace("\\\\", "")
    ]
    for case in result.cases:
        assert len(case.message) <= MOST_TEXT + 40
        assert case.diagnosis is None or len(case.diagnosis) <= 60


def test_a_message_that_is_left_out_says_so_and_is_flagged() -> None:
    result = judged("message of an exception", str(inputs()))
    assert LEFT_OUT in [case.message for case in result.cases]
    assert "its messages repeated inputs of a hidden case" in result.flags


def test_what_nobody_can_read_is_left_out_and_flagged() -> None:
    result = judged("message of an exception", package(LESSON, TRACK, EXERCISE)[:200])
    assert "its messages held text that nobody can read" in result.flags


@pytest.mark.parametrize(
    "text", ["1" * 40_000, "1." * 20_000, "a" * 40_000, "zero" * 10_000, "0x1." * 10_000, "e1" * 20_000]
)
def test_long_texts_are_read_in_no_time(text: str) -> None:
    """Twice the text, not much more than twice the time; it is cut before anything reads it."""
    gate = Gate(LESSON, TRACK)
    gate.problem(["0.1234 12345 123456 1234567 12345678 123456789"])  # the numbers, once

    def seconds(times: int) -> float:
        begun = time.process_time()
        gate.problem([text * times])
        return time.process_time() - begun

    assert min(seconds(8) for _ in range(3)) < 4 * min(seconds(1) for _ in range(3)) + 0.05


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_PLAIN = st.fixed_dictionaries(
    {"kind": st.sampled_from(["number", "array", "list", "dict", "text", "bool", "none", "too_big", "object", "?"])},
    optional=dict.fromkeys(("value", "values", "shape", "items", "type", "dtype", "graph"), _JSON),
)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    seen=st.dictionaries(st.sampled_from(["result", "error", "printed", "changed", "events", "x"]), _PLAIN | _JSON),
    score=_JSON,
    status=st.sampled_from(["done", "tampered", "interrupted", "not_done"]) | _JSON,
    more=st.dictionaries(st.sampled_from(["flags", "cases", "missing", "points", "message", "evidence"]), _JSON),
)
def test_points_stay_within_their_bounds_whatever_the_evidence_says(
    seen: Any, score: Any, status: Any, more: Any
) -> None:
    runs = [{"run": run["run"], "seen": seen} for run in _BLANK["evidence"]]
    result = judge([_BLANK | {"evidence": runs, "score": score, "status": status} | more], LESSON, TRACK, EXERCISE)
    assert 0.0 <= result.score <= 2.0
    assert all(0.0 <= case.points <= case.of <= 2.0 for case in result.cases)
    json.dumps(result.to_json(), allow_nan=False).encode()


_BLANK = handed_out()
