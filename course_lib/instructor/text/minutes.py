"""How long a lesson takes: worked out from its words, its code, its exercises and its measured run.

Authors guess too low, and learners plan by what they read. The estimate is rough, so the stated time may lie anywhere
in a wide band around it; outside of that, one of the two has changed without the other.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_text import Lesson
from course_lib.instructor.text.quiz_text import parse_quiz
from course_lib.instructor.text.reveal_text import predictions
from course_lib.tracks import TRACKS

__all__ = ["BAND", "estimate", "minutes_problem", "run_seconds"]

#: The stated minutes may be this share of the estimate, at least and at most.
BAND = (2 / 3, 3 / 2)

#: Technical prose is read at three quarters of the usual speed, and code line by line.
WORDS_A_MINUTE = 180
SECONDS_A_LINE = 3
#: What a learner spends on each of these beyond the reading of its words, minutes.
OPENING, PREDICTION, QUESTION, TEXT = 4.0, 0.75, 0.75, 4.0
#: An exercise takes its time to understand, and then half a minute for each line of the shortest answer we know.
EXERCISE, SOLUTION_LINE = 3.0, 0.5
#: The seconds of a notebook that was not measured yet: half of what one may take.
NOT_MEASURED = 45.0

_WORD = re.compile(r"\w[\w'’-]*")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
_MEASURED = re.compile(rf"^\| (\d\d_\w+) \| ({'|'.join(TRACKS)}) \| ([\d.]+) \|", re.MULTILINE)


def _words(text: str) -> float:
    """Return the minutes that it takes to read a text."""
    return len(_WORD.findall(text)) / WORDS_A_MINUTE


def _lines(source: str) -> int:
    return sum(1 for line in source.splitlines() if line.strip())


def _minutes(cell: Cell) -> float:
    """Return the minutes for one cell."""
    if cell.kind == "check":
        return 0.0  # its exercise has been counted
    if cell.kind == "explain":
        return TEXT  # what stands in it is the sample answer
    if cell.kind == "exercise":
        solution = _SOLUTION.search(cell.source)
        rest = _SOLUTION.sub("", cell.source)
        return EXERCISE + _words(rest) + (SOLUTION_LINE * _lines(solution[1]) if solution else 0.0)
    if cell.cell_type == "code":
        return SECONDS_A_LINE * _lines(cell.source) / 60
    questions = len(parse_quiz(cell.source)[1]) if "quiz" in cell.metadata else 0
    return _words(cell.source) + QUESTION * questions


def estimate(lesson: Lesson, track: str, seconds: float = NOT_MEASURED) -> float:
    """Work out how many minutes a learner needs for one track of a lesson.

    Parameters
    ----------
    lesson : Lesson
    track : {"pytorch", "keras"}
    seconds : float, optional
        How long the track's notebook was measured to run.
    """
    cells = [cell for cell in lesson.cells if track in cell.tracks]  # explanations that wait are read as well
    asked = len(predictions(cells))
    return OPENING + sum(map(_minutes, cells)) + PREDICTION * asked + seconds / 60


@cache
def run_seconds(root: Path) -> dict[tuple[str, str], float]:
    """Return how long each notebook was measured to run, as ``course bench lessons`` wrote it down."""
    page = root / "docs" / "benchmarks.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return {(lesson, track): float(seconds) for lesson, track, seconds in _MEASURED.findall(text)}


def minutes_problem(root: Path, lesson: Lesson) -> str | None:
    """Say that a lesson's stated minutes lie outside the band around what they are worked out to be, or return None."""
    seconds = run_seconds(root)
    found = [estimate(lesson, track, seconds.get((lesson.name, track), NOT_MEASURED)) for track in TRACKS]
    middle = sum(found) / len(found)
    low, high = (round(share * middle) for share in BAND)
    if low <= lesson.minutes <= high:
        return None
    return (
        f"lesson.minutes is {lesson.minutes}; words, code, exercises and the measured run make it about {middle:.0f} "
        f"(from {low} to {high} would do)"
    )
