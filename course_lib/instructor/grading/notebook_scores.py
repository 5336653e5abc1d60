"""What a student has in one notebook, as the gradebook and the journal say, and which notebooks count.

The gradebook is a file that people and programs write, so its numbers are checked: what is no score is a fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from course_lib.tracks import TRACKS

__all__ = ["Cell", "NotebookScore", "counting", "notebook_score"]


@dataclass
class Cell:
    """One graded cell of one student: what the checks gave, what a person gave, and what counts."""

    name: str
    notebook: str
    points: float
    score: float
    auto: float | None
    manual: float | None
    waiting: bool
    comment: str = ""
    result: dict[str, Any] | None = None
    extra: float = 0.0


def _points(value: Any, most: float, what: str, faults: list[str]) -> float | None:
    """Return points as a number from 0 to `most`; anything else is a fault."""
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        faults.append(f"{what} is {str(value)[:20]}, which is no number of points")
    elif number < 0:
        faults.append(f"{what} is {number:g}; points are never below 0")
    elif number > most + 1e-9:
        faults.append(f"{what} is {number:g} of {most:g} points")
    else:
        return number
    return 0.0


def _cell(grade: Any, notebook: str, allow_extra_credit: bool, faults: list[str]) -> Cell:
    """Read one question; what is wrong with its numbers is added to `faults`."""
    where, most = f"{notebook}/{grade.name}", float(grade.max_score)
    auto = _points(grade.auto_score, most, f"{where}: the check's score", faults)
    manual = _points(grade.manual_score, most, f"{where}: the score given by hand", faults)
    extra = _points(grade.extra_credit, math.inf, f"{where}: the extra credit", faults) or 0.0
    if extra and not allow_extra_credit:
        faults.append(f"{where}: {extra:g} points of extra credit; `--allow-extra-credit` counts them")
    given = manual if manual is not None else auto or 0.0
    return Cell(
        grade.name, notebook, most, given + extra, auto, manual, bool(grade.needs_manual_grade), extra=extra
    )  # fmt: skip


@dataclass
class NotebookScore:
    """What one notebook of a student has."""

    name: str
    blank: bool
    cells: list[Cell]
    digests: list[str]
    seconds: float
    penalty: float
    faults: list[str]

    @property
    def score(self) -> float:
        """The points of all questions together."""
        return sum(cell.score for cell in self.cells)


def notebook_score(notebook: Any, data: dict[str, Any], allow_extra_credit: bool) -> NotebookScore:
    """Read what a student has in one notebook.

    Parameters
    ----------
    notebook : nbgrader.api.SubmittedNotebook
    data : dict
        The journal's result; empty where there is none.
    allow_extra_credit : bool
        Count nbgrader's extra credit; otherwise it is a fault.

    Returns
    -------
    NotebookScore
    """
    results = {q["grade_id"]: q.get("result") for q in data.get("questions", [])}
    comments = {c.name: c.comment or "" for c in notebook.comments}
    cells, faults = [], list[str]()
    for grade in notebook.grades:
        cell = _cell(grade, notebook.name, allow_extra_credit, faults)
        cell.comment, cell.result = comments.get(grade.name, ""), results.get(grade.name)
        cells.append(cell)
    penalty = _points(
        notebook.late_submission_penalty, math.inf, f"{notebook.name}: the penalty for being late", faults
    )
    digests = [str(data["digest"])] if data else []
    seconds = float((data.get("seconds") or {}).get("total", 0.0))
    return NotebookScore(notebook.name, bool(data.get("blank")), cells, digests, seconds, penalty or 0.0, faults)


def counting(notebooks: list[NotebookScore]) -> tuple[list[NotebookScore], dict[str, str]]:
    """Choose the notebooks that count: of an assignment's two tracks one.

    Parameters
    ----------
    notebooks : list of NotebookScore
        Those that a student handed in.

    Returns
    -------
    list of NotebookScore
        The track in which something is answered; where that is both, the one with more points. Notebooks that are
        not those of two tracks all count.
    dict of str
        Why each of the others does not count.
    """
    if len(notebooks) < 2 or not {one.name for one in notebooks} <= set(TRACKS):
        return notebooks, {}
    best = max(notebooks, key=lambda one: (not one.blank, one.score))
    answered = "the other one has as many points, or more"
    why = {one.name: "nothing is answered in it" if one.blank else answered for one in notebooks}
    return [best], {name: reason for name, reason in why.items() if name != best.name}
