"""Judging has a process of its own with limits: what costs too much is one student's flag, and the rest goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grading_corpus.course import LESSON as ASSIGNMENT
from grading_corpus.course import cell, hand_in, make_course, solved
from grading_corpus.outcome import auto_scores, lines_of

from course_lib.checks.judging import judge as judge_runs
from course_lib.checks.plain import Plain
from course_lib.instructor.grading.judge import judge
from course_lib.instructor.grading.judging import JudgeProcess
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.hidden import graded_exercises, run_graded
from course_lib.instructor.proof.bank import bank_root, entries, load_answer
from course_lib.instructor.text.release import load_config
from course_lib.lessons import lessons, load
from course_lib.tracks import TRACKS

LESSON, TRACK, EXERCISE = "03_tracking_loops", "pytorch", "epoch_loss"


def right(losses: Any, sizes: Any) -> float:
    return sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes)


def handed_out(answer: Any = right) -> dict[str, Any]:
    return run_graded(LESSON, TRACK, EXERCISE, answer).to_json() | {"missing": ""}


def costly() -> dict[str, Any]:
    """Evidence that has the form of one, and that takes a while to walk through."""
    data = handed_out()
    data["evidence"][0]["seen"]["events"] = [0] * 1_900_000
    return data


@pytest.fixture
def process(request: pytest.FixtureRequest) -> Iterator[JudgeProcess]:
    judging = JudgeProcess(Limits(**getattr(request, "param", {})))
    yield judging
    judging.close()


@pytest.mark.slow
def test_its_verdict_is_that_of_the_judge(process: JudgeProcess) -> None:
    for evidence in ([handed_out()], [handed_out(max)], [], [handed_out(), handed_out()]):
        told = process.judge(evidence, LESSON, TRACK, EXERCISE)
        assert told.to_json() == judge(evidence, LESSON, TRACK, EXERCISE).to_json()


@pytest.mark.slow
@pytest.mark.parametrize("process", [{"judge_seconds": 0.05}], indirect=True)
def test_what_takes_too_long_is_flagged_and_the_next_is_judged(process: JudgeProcess) -> None:
    assert process.judge([costly()], LESSON, TRACK, EXERCISE).flags == ("judging it took more than 0.05 s",)
    assert process.judge([handed_out()], LESSON, TRACK, EXERCISE).passed


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("process", [{"judge_mb": 1}], indirect=True)
def test_what_takes_too_much_memory_is_flagged_and_the_next_is_judged(process: JudgeProcess) -> None:
    (flag,) = process.judge([costly()], LESSON, TRACK, EXERCISE).flags
    assert flag == "judging it took more than 1 MB of memory"
    assert process.judge([handed_out(max)], LESSON, TRACK, EXERCISE).status == "done"


@pytest.mark.slow
def test_a_judge_that_was_killed_is_started_again_and_nobody_is_charged(process: JudgeProcess) -> None:
    assert process.judge([handed_out()], LESSON, TRACK, EXERCISE).passed
    assert process._process is not None
    process._process.kill()
    assert process.judge([handed_out()], LESSON, TRACK, EXERCISE).passed


def test_what_is_nested_without_end_never_reaches_it(process: JudgeProcess) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    (flag,) = process.judge([handed_out() | {"evidence": deep}], LESSON, TRACK, EXERCISE).flags
    assert flag == "the check's data was forged: nested without end"


@pytest.mark.slow
@pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem()))
def test_a_class_is_graded_beside_one_that_keeps_the_judge_busy(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    busy = solved(course)
    cell(busy, "epoch_loss").source += (
        "\nimport sys\nright = epoch_loss\ndef epoch_loss(losses, sizes):\n    frame = sys._getframe()\n"
        "    while 'record' not in frame.f_locals: frame = frame.f_back\n"
        "    frame.f_locals['record']['events'] = [[0] * 100] * 3_000\n    return right(losses, sizes)"
    )
    hand_in(course, "busy", busy)
    hand_in(course, "honest", solved(course))
    options = Options(ASSIGNMENT, workers=1, limits=Limits(judge_seconds=0.05))
    report = grade_assignment(course, load_config(course), options)
    assert auto_scores(course) == {"busy": 1.0, "honest": 3.0}
    assert "check_epoch_loss: judging it took more than 0.05 s" in lines_of(report, "flagged", "busy")
    assert not lines_of(report, "flagged", "honest")


# -- judging is linear ---------------------------------------------------------------------------


def _tiled(values: list[Any], count: int) -> list[Any]:
    return (values * (count // len(values) + 1))[:count] if values else values


def grown(value: Any, count: int) -> Any:
    """The same kind of notes, only more of them."""
    if isinstance(value, list):
        return _tiled(value, count)
    if isinstance(value, dict):
        plain: Plain = value
        if plain.get("kind") == "list":
            return plain | {"items": _tiled(plain["items"], count)}
        if plain.get("kind") == "array" and plain["values"]:
            rows = len(plain["values"]) // plain["shape"][0]
            return plain | {"shape": [count, *plain["shape"][1:]], "values": _tiled(plain["values"], count * rows)}
        if plain.get("kind") == "dict":
            return plain | {"items": [[key, grown(item, count)] for key, item in plain["items"]]}
    return value


class Lines:
    """Counts the lines of Python that run."""

    count = 0

    def __call__(self, frame: Any, event: str, argument: Any) -> Any:
        self.count += event == "line"
        return self


def lines(lesson: str, track: str, exercise: str, runs: dict[str, Any]) -> int:
    """Return how many lines run when this is judged."""
    spec = graded_exercises(lesson, track)[exercise]
    counter = Lines()
    sys.settrace(counter)
    try:
        judge_runs(spec, runs, 0)
    finally:
        sys.settrace(None)
    return counter.count


#: How long notes are made. From 20 to 60 entries they grow by three times as much as from 5 to 20, about; what takes
#: lines of Python by the square of that grows by eight times as much. A few more lines are no growth.
LENGTHS, OUT_OF_PROPORTION, A_FEW = (5, 20, 60), 5, 60_000
#: Of exercises that are the same in both tracks, one.
EXERCISES = [
    (lesson, track, name)
    for lesson in lessons()
    for track in TRACKS
    for name, exercise in load(lesson, track).items()
    if track == TRACKS[0] or exercise is not load(lesson, TRACKS[0]).get(name)
]


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "track", "exercise"), EXERCISES)
def test_judging_takes_no_more_than_in_proportion(lesson: str, track: str, exercise: str) -> None:
    """What an answer made a spy note, and what it returned, may be far longer than a right one's."""
    bank = entries(bank_root(), lesson, track, exercise)
    for kind in ("accepted", "misconception"):
        answer = load_answer(next(entry for entry in bank if entry.kind == kind))
        runs = {run["run"]: run["seen"] for run in run_graded(lesson, track, exercise, answer).evidence}
        names = sorted({key for seen in runs.values() for key in seen} - {"error", "printed", "changed"})

        def longer(count: int, *these: str, runs: dict[str, Any] = runs) -> dict[str, Any]:
            return {key: seen | {name: grown(seen.get(name), count) for name in these} for key, seen in runs.items()}

        for name in names:
            short, some, many = (lines(lesson, track, exercise, longer(count, name)) for count in LENGTHS)
            assert many - some <= OUT_OF_PROPORTION * max(0, some - short) + A_FEW, (kind, name, short, some, many)
