"""Submissions made at random: the class ends, everybody else is graded, and every line can be printed.

The cheap path compares, judges, journals and writes as ever, with results that are recorded or forged instead of a
kernel's; a few go through the real kernel.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from grading_corpus.course import LESSON, answers, hand_in, make_course, released, solved
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from course_lib.instructor.desk.grade import print_report
from course_lib.instructor.grading import session
from course_lib.instructor.grading.judge import judge
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.preflight import prepare
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.run_report import RunReport
from course_lib.instructor.grading.salvage import Unreadable
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.grading.verdict import finish
from course_lib.instructor.hidden import run_graded
from course_lib.instructor.text.release import load_config

pytestmark = pytest.mark.slow
RIGHT = "zoe-is-right"

# -- what students may hand in ---------------------------------------------------------------------

JUNK = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["\x1b[2J", "\u202e", "\ud800", "9" * 5000, "<script>", "\n" * 3000]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | JUNK,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JUNK, inner, max_size=4),
    max_leaves=10,
)


def _is_a_name(name: str) -> bool:
    raw = os.fsencode(name)
    return 0 < len(raw) <= 255 and name not in (".", "..", RIGHT) and b"/" not in raw and b"\0" not in raw


NAMES = (
    st.sampled_from(["run.json", "runs", ".lock", "gradebook.db", "CON", "red\x1b[31m", "two\nlines", "n" * 255])
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
    | st.binary(min_size=1, max_size=30).map(os.fsdecode)
).filter(_is_a_name)
FILE_NAMES = (
    st.sampled_from(["pytorch.ipynb", "pytorch (1).ipynb", "pytorch.ipynb.txt", "timestamp.txt", "a.zip"]) | NAMES
)
STAMPS = (
    st.binary(max_size=60)
    | st.from_regex(r"\d{4,9}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)? ?([+-]\d\d:?\d\d|[A-Z]{3})?", fullmatch=True).map(
        str.encode
    )
    | st.sampled_from([b"T9999609999999h", b"2030-01-08 12:00:00 UTC"])
)


@st.composite
def notebooks(draw: st.DrawFn, cells: list[dict[str, Any]]) -> bytes:
    """A notebook with the release's cells and others, and then damaged."""
    own: list[Any] = []
    for _ in range(draw(st.integers(0, 8))):
        cell: Any = dict(draw(st.sampled_from(cells)))
        for key in draw(
            st.lists(st.sampled_from(["source", "metadata", "cell_type", "id", "outputs", "attachments"]), max_size=3)
        ):
            cell[key] = draw(VALUES)
        if draw(st.booleans()):
            cell["metadata"] = {"nbgrader": draw(VALUES)}
        own.append(cell if draw(st.integers(0, 9)) else draw(VALUES))
    data = {
        "cells": own,
        "metadata": draw(st.just({}) | VALUES),
        "nbformat": draw(st.just(4) | VALUES),
        "nbformat_minor": 5,
    }
    text = json.dumps(data if draw(st.integers(0, 9)) else draw(VALUES))
    raw = text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-8-sig"])))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(raw)))
        raw = draw(
            st.sampled_from([raw[:at], raw[:at] + b"\xff" + raw[at:], raw[at:], raw[:at] + b"<<<<<<< a\n" + raw[at:]])
        )
    return raw


@st.composite
def folders(draw: st.DrawFn, cells: list[dict[str, Any]]) -> dict[str, bytes]:
    files = {"pytorch.ipynb": draw(notebooks(cells))} if draw(st.integers(0, 5)) else {}
    for _ in range(draw(st.integers(0, 2))):
        files[draw(FILE_NAMES)] = draw(notebooks(cells) | STAMPS)
    if draw(st.booleans()):
        files["timestamp.txt"] = draw(STAMPS)
    return files


FORGED = st.fixed_dictionaries(
    {"evidence": VALUES, "status": st.sampled_from(["done", "not_done", "tampered"]) | VALUES},
    optional=dict.fromkeys(("flags", "cases", "missing", "lesson", "score", "exercise"), VALUES),
)

# -- the cheap path --------------------------------------------------------------------------------


def recorded() -> dict[str, Any]:
    """What the checks of right answers hand out, by graded cell."""
    found = {}
    for name in ("epoch_loss", "order_the_loop"):
        space: dict[str, Any] = {}
        exec(answers()[name], space)
        answer = space["epoch_loss" if name == "epoch_loss" else "order"]
        data = run_graded(LESSON, "pytorch", name, answer).to_json() | {"missing": ""}
        found[f"check_{name}"] = {"evidence": [json.loads(json.dumps(data))], "failure": ""}
    return found


class Recorded:
    """Grades a job without a kernel: a right result for one student, forged ones for the others."""

    def __init__(self) -> None:
        self.right = recorded()
        self.forged: list[Any] = []

    def __call__(self, job: Job) -> Outcome:
        outcome = Outcome(job.student, job.notebook, job.digest, "failed")
        try:
            prepared = prepare(job.raw, job.reference)
        except Unreadable as error:
            outcome.reason = str(error)
            return outcome
        outcome.status, outcome.repairs, outcome.flags = "graded", prepared.repairs, prepared.flags
        outcome.notebook_json = json.dumps(prepared.notebook)
        names = list(self.right)
        forged = {name: {"evidence": [data], "failure": ""} for name, data in zip(names, self.forged, strict=False)}
        outcome.checks = self.right if job.student == RIGHT else forged
        return finish(outcome, job.reference, judge)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("fuzz") / "course")


@pytest.fixture(scope="module")
def cells(course: Path) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(cell)) for cell in [*released(course).cells, *solved(course).cells]]


def write_class(course: Path, students: dict[str, dict[str, bytes]]) -> None:
    submitted = course / "grading" / "submitted"
    for old in ("submitted", "results", "autograded"):
        shutil.rmtree(course / "grading" / old, ignore_errors=True)
    for student, files in students.items():
        folder = submitted / student / LESSON
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    hand_in(course, RIGHT, solved(course))


def holds(report: RunReport, students: dict[str, Any]) -> None:
    """The class ended, and whoever is right has all points; every line can be printed."""
    (right,) = [entry for entry in report.graded if entry["student"] == RIGHT]
    assert report.dry_run or right["score"] == 3.0
    for student in students:
        assert any(entry["student"] == student for entry in [*report.graded, *report.failed]), student
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        print_report(report)
    lines = told.getvalue().split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 2100
    assert json.loads(json.dumps(report.to_json()))["assignment"] == LESSON


def examples(count: int) -> Any:
    """Many examples, none of them made smaller: each is a whole class, and a red one is short enough to read."""
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    return settings(max_examples=count, phases=phases, suppress_health_check=list(HealthCheck), deadline=None)


def test_any_class_is_compared_to_its_end(course: Path, cells: list[dict[str, Any]]) -> None:
    config = load_config(course)

    @examples(400)
    @given(st.dictionaries(NAMES, folders(cells), max_size=3))
    def any_class(students: dict[str, dict[str, bytes]]) -> None:
        write_class(course, students)
        holds(grade_assignment(course, config, Options(LESSON, dry_run=True)), students)

    any_class()


def test_any_class_is_graded_to_its_end(
    course: Path, cells: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_executors", lambda options: (lambda: ThreadPoolExecutor(1), lambda: None, None))
    config, grade = load_config(course), Recorded()

    @examples(150)
    @given(st.dictionaries(NAMES, folders(cells), max_size=3), st.lists(FORGED, max_size=2))
    def any_class(students: dict[str, dict[str, bytes]], forged: list[Any]) -> None:
        write_class(course, students)
        grade.forged = forged
        report = grade_assignment(course, config, Options(LESSON, workers=0, sandbox="none"), grade=grade)
        holds(report, students)

    any_class()


# -- through the real kernel -----------------------------------------------------------------------

SOURCES = [
    "import os; os._exit(1)",
    "exit()",
    "print('\x1b[2J' * 1000)",
    "!true\n" * 600,
    "\n" * 25_000,
    "9" * 40_000,
    "raise ValueError('\x1b]0;owned\x07' + '\u202e' * 100_000)",
    "def epoch_loss(a, b):\n    return '9' * 100_000",
    "def epoch_loss(a, b):\n    raise KeyError('\ud800\x1b[31m')",
    "order = ['\x1b[31m', float('nan'), 10**5000]",
]


@pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem()))
def test_any_class_is_run_to_its_end(course: Path, cells: list[dict[str, Any]]) -> None:
    """About twenty submissions in all."""
    config, wild = load_config(course), [*cells, *[{**cells[0], "source": source} for source in SOURCES]]
    limits = Limits(cell_seconds=30, notebook_seconds=90, memory_mb=2048)
    options = Options(LESSON, workers=2, limits=limits)

    @examples(3)
    @given(st.dictionaries(NAMES, folders(wild), min_size=7, max_size=7))
    def any_class(students: dict[str, dict[str, bytes]]) -> None:
        write_class(course, students)
        holds(grade_assignment(course, config, options), students)

    any_class()
