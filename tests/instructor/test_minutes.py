"""A lesson's stated time is held against its words, its code, its exercises and its measured run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support import ROOT, TRACKS, lesson_names

from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_text import LessonProblems, read_lesson
from course_lib.instructor.text.minutes import estimate, minutes_problem, run_seconds
from course_lib.instructor.text.render import render

LESSON = read_lesson(ROOT / "solutions" / "03_tracking_loops.md")


def grown(*cells: Cell) -> float:
    """How many minutes more a lesson takes with these cells."""
    longer = replace(LESSON, cells=[*LESSON.cells, *cells])
    return estimate(longer, "keras") - estimate(LESSON, "keras")


def test_words_code_exercises_and_runs_take_their_time() -> None:
    assert grown(Cell(1, "markdown", "word " * 360, {})) == pytest.approx(2)
    assert grown(Cell(1, "markdown", "word " * 360, {"tags": ["pytorch"]})) == 0
    assert grown(Cell(1, "markdown", "word " * 180, {"reveal": "a", "right": "b"})) == pytest.approx(1)
    assert grown(Cell(1, "code", "a = 1\n\n" * 20, {})) == pytest.approx(1)
    short, long = (
        grown(Cell(1, "code", "### BEGIN SOLUTION\n" + "a = 1\n" * lines + "### END SOLUTION", {"exercise": "e"}))
        for lines in (1, 11)
    )
    assert long - short == pytest.approx(5)
    assert estimate(LESSON, "keras", 120) - estimate(LESSON, "keras", 60) == pytest.approx(1)


def test_every_lesson_was_measured_or_is_new() -> None:
    measured = run_seconds(ROOT)
    assert ("03_tracking_loops", "keras") in measured
    assert all(track in TRACKS and name in lesson_names() for name, track in measured)


def test_a_time_far_from_the_estimate_stops_the_build(tmp_path: Path) -> None:
    assert minutes_problem(ROOT, LESSON) is None
    assert "lesson.minutes is 20; " in (minutes_problem(ROOT, replace(LESSON, minutes=20)) or "")
    assert "(from " in (minutes_problem(ROOT, replace(LESSON, minutes=200)) or "")
    source = (ROOT / "solutions" / "00_start_here.md").read_text(encoding="utf-8")
    text = tmp_path / "solutions" / "00_start_here.md"
    text.parent.mkdir()
    text.write_text(source.replace("minutes: 15", "minutes: 90"), encoding="utf-8")
    with pytest.raises(LessonProblems, match=r"00_start_here.md: front matter: lesson.minutes is 90"):
        render(tmp_path, [text])
