"""A lesson's text: reading ``solutions/NN_topic.md`` and holding it against the rules.

A text is a jupytext ``md:myst`` notebook. Cells tagged ``pytorch`` or ``keras`` belong to that track,
all others to both. Graded cells carry short metadata, which the build expands:

======================================  =======================================================
``exercise: NAME``                      a code cell with a solution region, that learners write
``check: NAME`` and ``points: N``       the code cell that checks exercise NAME and gives points
``explain: NAME`` and ``points: N``     a text cell that learners write and a person grades
``map: lessons``                        a text cell of the start page, below which all lessons are listed
``quiz: NAME``                          a text cell with questions (see ``quiz_text``), not graded
``reveal: NAME`` and ``right: OPTION``  a text cell that is shown once prediction NAME is answered
======================================  =======================================================

Every broken rule becomes a :class:`LessonProblem` that names the file, the cell and the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_rules import cell_problems, header_problems, problems_between
from course_lib.trouble import CourseError

__all__ = ["Lesson", "LessonProblem", "LessonProblems", "read_lesson"]


@dataclass(frozen=True)
class LessonProblem:
    """One broken rule: where, and what to do about it."""

    file: str
    cell: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.cell}: {self.reason}"


class LessonProblems(CourseError):
    """A lesson's text breaks rules; the message has a line for each."""

    def __init__(self, problems: list[LessonProblem]):
        self.problems = problems
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)} in the lesson text"
        super().__init__("\n  ".join([count, *map(str, problems)]))


@dataclass(frozen=True)
class Lesson:
    """A lesson's text that keeps all rules.

    Attributes
    ----------
    name : str
        Such as ``03_tracking_loops``.
    title : str
    minutes : int
        How long a learner needs in one track, minutes.
    points : float
        The sum of all points in one track; 0 for an ungraded lesson.
    cells : list of Cell
    kernelspec : dict
    """

    name: str
    title: str
    minutes: int
    points: float
    cells: list[Cell] = field(repr=False)
    kernelspec: dict[str, str] = field(repr=False)
    metadata: dict[str, Any] = field(repr=False, default_factory=dict)

    def track(self, track: str) -> list[Cell]:
        """The cells of one track's notebook, in order; an explanation that waits for a prediction is none of them."""
        return [cell for cell in self.cells if track in cell.tracks and "reveal" not in cell.metadata]

    def solutions(self, track: str) -> dict[str, str]:
        """The reference solution of each exercise: the cell's source, by the exercise's name."""
        return {str(c.name): c.source for c in self.track(track) if c.kind == "exercise"}


def read_lesson(path: Path) -> Lesson:
    """Read a lesson's text and hold it against every rule.

    Parameters
    ----------
    path : Path
        Such as ``solutions/03_tracking_loops.md``.

    Returns
    -------
    Lesson

    Raises
    ------
    LessonProblems
        With one line for each broken rule: file, cell, reason.

    Examples
    --------
    >>> lesson = read_lesson(Path("solutions/03_tracking_loops.md"))  # doctest: +SKIP
    >>> sorted(lesson.solutions("pytorch"))  # doctest: +SKIP
    ['epoch_loss', 'fit_and_track', 'order_the_loop', 'train_one_epoch']
    """
    try:
        text = path.read_text(encoding="utf-8")
        notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    except UnicodeDecodeError as error:
        raise LessonProblems([LessonProblem(str(path), "file", f"not UTF-8 text: {error.reason}")]) from None
    except Exception as error:  # jupytext and yaml raise their own kinds for a malformed text
        reason = " ".join(str(error).split())
        raise LessonProblems([LessonProblem(str(path), "file", f"not a MyST notebook: {reason}")]) from None
    cells = [
        Cell(number, cell.cell_type, cell.source, dict(cell.metadata))
        for number, cell in enumerate(notebook.cells, start=1)
    ]
    header = dict(notebook.metadata.get("lesson", {}))
    problems = [LessonProblem(path.name, "front matter", r) for r in header_problems(path.stem, header, cells)]
    problems += [LessonProblem(path.name, c.place, r) for c in cells for r in cell_problems(c)]
    found: dict[tuple[int, str], LessonProblem] = {}
    for cell, reason in problems_between(cells):
        found.setdefault((cell.number, reason), LessonProblem(path.name, cell.place, reason))
    problems += found.values()
    if problems:
        raise LessonProblems(problems)
    return Lesson(
        name=path.stem,
        title=header["title"],
        minutes=header["minutes"],
        points=float(header.get("points", 0)),
        cells=cells,
        kernelspec=dict(notebook.metadata.get("kernelspec", {})),
        metadata=header,
    )
