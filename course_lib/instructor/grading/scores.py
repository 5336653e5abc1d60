"""Reading scores out of the gradebook and the journal: what feedback, export and report share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.cli import CourseError
from course_lib.instructor.grading.gradebook import has_gradebook, not_released, open_gradebook
from course_lib.instructor.grading.journal import Journal

__all__ = ["Cell", "Score", "read_scores"]


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


@dataclass
class Score:
    """One student's result in one assignment, as the gradebook has it."""

    assignment: str
    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    points: float = 0.0
    score: float = 0.0
    penalty: float = 0.0
    late_seconds: float = 0.0
    handed_in: str = ""
    cells: list[Cell] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def total(self) -> float:
        """What counts, after a penalty for being late."""
        return max(0.0, self.score - self.penalty)

    @property
    def waiting(self) -> bool:
        """Whether a person still has to grade something."""
        return any(cell.waiting for cell in self.cells)


def _student(root: Path, submission: Any, taken: set[str]) -> Score:
    person, assignment = submission.student, submission.assignment.name
    score = Score(
        assignment=assignment,
        student=person.id,
        first_name=person.first_name or "",
        last_name=person.last_name or "",
        email=person.email or "",
        lms_user_id=getattr(person, "lms_user_id", None) or "",
        handed_in=submission.timestamp.isoformat(sep=" ") if submission.timestamp else "",
        late_seconds=float(submission.total_seconds_late or 0.0),
    )
    journal = Journal(root, assignment)
    for notebook in submission.notebooks:
        if notebook.name not in taken:
            continue
        data = journal.known(person.id, notebook.name) or {}
        results = {q["grade_id"]: q.get("result") for q in data.get("questions", [])}
        comments = {c.name: c.comment or "" for c in notebook.comments}
        score.seconds += float((data.get("seconds") or {}).get("total", 0.0))
        score.penalty += float(notebook.late_submission_penalty or 0.0)
        for grade in notebook.grades:
            points, given = float(grade.max_score), float(grade.score or 0.0)
            score.points += points
            score.score += given
            score.cells.append(
                Cell(
                    grade.name, notebook.name, points, given, grade.auto_score, grade.manual_score,
                    bool(grade.needs_manual_grade), comments.get(grade.name, ""), results.get(grade.name),
                )
            )  # fmt: skip
    return score


def read_scores(root: Path, config: Any, assignment: str, student: str | None = None) -> list[Score]:
    """Read what every student has in an assignment.

    Parameters
    ----------
    root : Path
        The course's folder.
    config : traitlets.config.Config
    assignment : str
    student : str, optional
        Only this one.

    Returns
    -------
    list of Score
        By student.

    Raises
    ------
    CourseError
        If the assignment is not in the gradebook, or nobody has been graded.
    """
    from nbgrader.api import MissingEntry

    if not has_gradebook(config):
        raise not_released(assignment)
    with open_gradebook(config) as gradebook:
        try:
            known = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise not_released(assignment) from None
        submissions = [s for s in known.submissions if student is None or s.student.id == student]
        if not submissions:
            who = f"{student} has not" if student else "nobody has"
            raise CourseError(f"{who} been graded in {assignment}; run `course grade {assignment}` first")
        taken = _taken(known, submissions, Journal(root, assignment))
        scores = [_student(root, s, taken[s.student.id]) for s in submissions]
    return sorted(scores, key=lambda s: s.student)


def _taken(assignment: Any, submissions: list[Any], journal: Journal) -> dict[str, set[str]]:
    """Return whose notebooks count: of an assignment's two tracks, those that were handed in."""
    everything = {n.name for n in assignment.notebooks}
    found = {}
    for submission in submissions:
        here = {name for name in everything if journal.known(submission.student.id, name)}
        found[submission.student.id] = here or everything
    return found
