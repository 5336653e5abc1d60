"""Reading scores out of the gradebook and the journal: what feedback, export and report share.

The gradebook is a file that people and programs write, so what it says is checked: a score below zero, above what a
question gives, or no number at all is refused. The student's line says so, and the score goes nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from course_lib.instructor.grading.gradebook import has_gradebook, not_released, open_gradebook
from course_lib.instructor.grading.groups import members_with, read_groups, share
from course_lib.instructor.grading.journal import Journal
from course_lib.instructor.grading.notebook_scores import Cell, counting, notebook_score
from course_lib.instructor.grading.per_student import one_student
from course_lib.printable import few, say
from course_lib.trouble import CourseError

__all__ = ["Score", "flagged", "read_scores", "tell_groups", "tell_refused"]

Status = Literal["graded", "waiting", "refused", "not graded", "nothing handed in"]


@dataclass
class Score:
    """One student's result in one assignment, as the gradebook has it.

    Parameters
    ----------
    faults : list of str
        Why the gradebook's numbers are refused; such a score is shown nowhere.
    absent : {"", "not graded", "nothing handed in"}
        Why there is no result.
    digests : list of str
        Of the notebooks that were graded: what two students have alike is one notebook.
    group : str
        Whose notebook it is, if it is that of a group.
    shared_from : str
        The member who handed in, for the others of a group.
    notes : list of str
        What a person should know of the groups, each line once in an assignment.
    aside : dict of str
        By notebook of a track that does not count, why.
    """

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
    faults: list[str] = field(default_factory=list)
    absent: Literal["", "not graded", "nothing handed in"] = ""
    digests: list[str] = field(default_factory=list)
    group: str = ""
    shared_from: str = ""
    notes: list[str] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """What is known of the student."""
        if self.absent:
            return self.absent
        if self.faults:
            return "refused"
        return "waiting" if self.waiting else "graded"

    @property
    def counts(self) -> bool:
        """Whether there is a score that may be shown."""
        return not (self.absent or self.faults)

    @property
    def extra(self) -> float:
        """The points that a person gave beyond those of the questions."""
        return sum(cell.extra for cell in self.cells)

    @property
    def total(self) -> float:
        """What counts, after a penalty for being late."""
        return max(0.0, self.score - self.penalty)

    @property
    def waiting(self) -> bool:
        """Whether a person still has to grade something."""
        return any(cell.waiting for cell in self.cells)


def _person(assignment: str, person: Any, **more: Any) -> Score:
    return Score(
        assignment=assignment,
        student=person.id,
        first_name=person.first_name or "",
        last_name=person.last_name or "",
        email=person.email or "",
        lms_user_id=getattr(person, "lms_user_id", None) or "",
        **more,
    )


def _student(root: Path, submission: Any, taken: set[str], allow_extra_credit: bool) -> Score:
    person, assignment = submission.student, submission.assignment.name
    score = _person(assignment, person)
    with one_student(score.faults.append, "reading the score"):
        score.handed_in = submission.timestamp.isoformat(sep=" ") if submission.timestamp else ""
        score.late_seconds = float(submission.total_seconds_late or 0.0)
        journal = Journal(root, assignment)
        found = [
            notebook_score(notebook, journal.known(person.id, notebook.name) or {}, allow_extra_credit)
            for notebook in submission.notebooks
            if notebook.name in taken
        ]
        counted, score.aside = counting(found)
        # A refused number may be why another notebook has more points, so the faults of all are told.
        score.faults += [fault for notebook in found for fault in notebook.faults]
        for notebook in counted:
            score.cells += notebook.cells
            score.digests += notebook.digests
            score.seconds += notebook.seconds
            score.points += sum(cell.points for cell in notebook.cells)
            score.score += notebook.score
            score.penalty += notebook.penalty
    return score


def _without_result(root: Path, config: Any, known: Any, students: list[Any], scores: list[Score]) -> list[Score]:
    """Return those who have no result: of the gradebook's students, and of the folders of submissions."""
    assignment = known.name
    points = max((score.points for score in scores), default=float(known.max_score or 0.0))
    submitted = root / config.CourseDirectory.submitted_directory
    folders = {
        p.parent.name for p in submitted.glob(f"*/{assignment}") if p.is_dir() and not p.parent.name.startswith(".")
    }
    seen = {score.student for score in scores}
    people = {person.id: person for person in students}
    found = []
    for student in sorted((folders | set(people)) - seen):
        why: Any = "not graded" if student in folders else "nothing handed in"
        if student in people:
            found.append(_person(assignment, people[student], points=points, absent=why))
        else:
            found.append(Score(assignment, student, points=points, absent=why))
    return found


def read_scores(
    root: Path, config: Any, assignment: str, student: str | None = None, allow_extra_credit: bool = False
) -> list[Score]:
    """Read what every student has in an assignment.

    Parameters
    ----------
    root : Path
        The course's folder.
    config : traitlets.config.Config
    assignment : str
    student : str, optional
        Only this one, with the group's result if there is one.
    allow_extra_credit : bool, optional
        Count nbgrader's extra credit; otherwise a score with any is refused.

    Returns
    -------
    list of Score
        By student. Everybody whom the gradebook or the folder of submissions knows is there, also without a result;
        members of a group have the result of the one who handed in.

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
        groups = read_groups(root, assignment, [other.name for other in gradebook.assignments])
        wanted = None if student is None else members_with(groups, student)
        submissions = [s for s in known.submissions if wanted is None or s.student.id in wanted]
        taken = _taken(known, submissions, Journal(root, assignment))
        scores = [_student(root, s, taken[s.student.id], allow_extra_credit) for s in submissions]
        if wanted is None or groups:
            scores += _without_result(root, config, known, gradebook.students, scores)
    everybody = {score.student for score in scores}
    scores = [score for score in scores if wanted is None or score.student in wanted]
    if groups:
        ours = [group for group in groups if wanted is None or wanted.intersection(group.members)]
        scores = share(scores, ours, everybody)
    notes = [note for score in scores for note in score.notes]
    scores = [score for score in scores if student is None or score.student == student]
    if all(score.absent for score in scores):
        who = f"{student} has not" if student else "nobody has"
        told = "".join(f"; {note}" for note in notes)
        raise CourseError(f"{who} been graded in {assignment}; run `course grade {assignment}` first{told}")
    if student is not None:
        scores[0].notes = notes
    return sorted(scores, key=lambda s: s.student)


def flagged(scores: Iterable[Score]) -> list[str]:
    """Return a line for each score that the gradebook has and that is refused."""
    return [f"{score.student} ({score.assignment}): {fault}" for score in scores for fault in score.faults]


def tell_refused(scores: Iterable[Score]) -> int:
    """Say on standard error which scores are refused; return the exit status, 1 if there are any."""
    lines = flagged(scores)
    if lines:
        say("refused, and shown nowhere (mend it in formgrader, then run this again):", sys.stderr)
    for line in few(lines, 100):
        say(f"  {line}", sys.stderr)
    return 1 if lines else 0


def tell_groups(scores: Iterable[Score]) -> int:
    """Say on standard error what is wrong with groups; return the exit status, 1 if anything is."""
    lines = [f"{score.assignment}: {note}" for score in scores for note in score.notes]
    for line in few(lines, 100):
        say(line, sys.stderr)
    return 1 if lines else 0


def _taken(assignment: Any, submissions: list[Any], journal: Journal) -> dict[str, set[str]]:
    """Return each student's notebooks: of an assignment's two tracks, those that were handed in."""
    everything = {n.name for n in assignment.notebooks}
    found = {}
    for submission in submissions:
        here = {name for name in everything if journal.known(submission.student.id, name)}
        found[submission.student.id] = here or everything
    return found
