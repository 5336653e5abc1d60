"""One cell of a lesson's text as nbgrader wants it: its metadata, its hidden cases, and tokens of what is secret."""

from __future__ import annotations

import hashlib
from typing import Any

from course_lib.instructor.text.lesson_cells import Cell, regions
from course_lib.instructor.text.lesson_text import Lesson, LessonProblem, LessonProblems
from course_lib.instructor.text.quiz_text import expand_quiz
from course_lib.tracks import TRACKS

__all__ = ["TOKEN_PREFIX", "region_tokens", "render_cell"]

TOKEN_PREFIX = "only-in-solutions-"


_GRADED_CALL = """### BEGIN HIDDEN TESTS
# {token}
from course_lib.instructor.hidden import graded_check
score = graded_check({lesson!r}, {track!r}, {name!r}, {answer})
### END HIDDEN TESTS"""


def _token(*place: str) -> str:
    """Make a text that stands nowhere else, from the place that it marks."""
    return TOKEN_PREFIX + hashlib.sha256("/".join(place).encode()).hexdigest()[:20]


def region_tokens(lesson: Lesson) -> list[str]:
    """List the tokens of a lesson's hidden regions: none may reach a learner."""
    sources = (render_cell(lesson, track, cell)[0] for track in TRACKS for cell in lesson.track(track))
    words = (word for source in sources for word in source.split())
    return sorted({word for word in words if word.startswith(TOKEN_PREFIX)})


def _check_source(lesson: Lesson, track: str, cell: Cell) -> str:
    """Expand ``check("NAME", answer)`` to a cell whose value is the score.

    Learners see the call and the score; the region between them, with the hidden cases, is nbgrader's
    to remove.
    """
    call = cell.source.strip()
    answer = call.removeprefix(f'check("{cell.name}",').removesuffix(")").strip()
    if call != f'check("{cell.name}", {answer})' or not answer:
        reason = f'a check cell without its own regions reads check("{cell.name}", ANSWER), not {call!r}'
        raise LessonProblems([LessonProblem(f"{lesson.name}.md", cell.place, reason)])
    hidden = _GRADED_CALL.format(
        token=_token(lesson.name, track, str(cell.grade_id)),
        lesson=lesson.name,
        track=track,
        name=cell.name,
        answer=answer,
    )
    return f"score = {call}\n{hidden}\nscore"


def _marked(lesson: Lesson, track: str, cell: Cell) -> str:
    """Put a token after each BEGIN line, and into a text cell that is a sample answer."""
    if cell.kind == "explain":
        return f"{cell.source}\n\n<!-- {_token(lesson.name, track, str(cell.grade_id))} -->"
    lines = cell.source.split("\n")
    for count, (_, first, _) in enumerate(reversed(list(regions(cell.source)))):
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        lines.insert(first + 1, f"{indent}# {_token(lesson.name, track, str(cell.grade_id), str(count))}")
    return "\n".join(lines)


def render_cell(lesson: Lesson, track: str, cell: Cell) -> tuple[str, dict[str, Any]]:
    """Expand one cell of the text.

    Returns
    -------
    source : str
    metadata : dict
        With nbgrader's schema (version 3) where the cell is graded.
    """
    metadata: dict[str, Any] = {}
    tags = [tag for tag in cell.tags if tag not in (*TRACKS, "NBVAL_CHECK_OUTPUT")]
    if tags:
        metadata["tags"] = tags
    if "quiz" in cell.metadata:
        return expand_quiz(cell.source), metadata
    if not cell.kind:
        return cell.source, metadata
    graded = cell.kind != "exercise"
    metadata["nbgrader"] = {
        "grade": graded,
        "grade_id": cell.grade_id,
        "locked": cell.kind == "check",
        "schema_version": 3,
        "solution": cell.kind != "check",
        "task": False,
    }
    if graded:
        metadata["nbgrader"]["points"] = float(cell.metadata["points"])
    if cell.kind == "check" and not list(regions(cell.source)):
        return _check_source(lesson, track, cell), metadata
    heading = f"# Exercise {cell.name} ({_points(lesson, track, cell)})\n" if cell.kind == "exercise" else ""
    return heading + _marked(lesson, track, cell), metadata


def _points(lesson: Lesson, track: str, exercise: Cell) -> str:
    check = next(c for c in lesson.track(track) if c.kind == "check" and c.name == exercise.name)
    points = check.metadata["points"]
    return f"{points:g} point{'s' * (points != 1)}"
