"""How a class stands: who has not handed in, who is stuck, and what is worth an hour together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from course_lib.checks.mistakes import words
from course_lib.instructor.desk.mistakes import named_in
from course_lib.instructor.desk.similar import Pair
from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.grading.scores import Score

__all__ = ["ClassState", "Handed", "Stuck", "Topic", "class_state", "due_dates"]

#: The same mistake in so many lessons is no slip.
STUCK_FROM = 3
_MOST_TOPICS, _MOST_HARD = 5, 3
_EASY = 0.7


@dataclass(frozen=True)
class Handed:
    """What came in for one assignment.

    Parameters
    ----------
    assignment : str
    due : str
        Such as ``2030-01-07 12:00 UTC``; empty if there is no date.
    graded : int
    missing, not_graded, refused : list of str
        Students who handed in nothing, whose notebook was not graded, whose score is refused.
    waiting : int
        How many answers a person still has to grade.
    """

    assignment: str
    due: str
    graded: int
    missing: list[str]
    not_graded: list[str]
    refused: list[str]
    waiting: int


@dataclass(frozen=True)
class Stuck:
    """One student who makes one mistake again and again."""

    student: str
    mistake: str
    assignments: list[str]
    says: str = ""


@dataclass(frozen=True)
class Topic:
    """One mistake to talk about.

    Parameters
    ----------
    mistake : str
    students : int
        How many made it in the newest assignment.
    exercises : list of str
        Where.
    before : list of (str, int)
        Earlier assignments, and how many made it there.
    says, look : str
        What learners read about it.
    """

    mistake: str
    students: int
    exercises: list[str]
    before: list[tuple[str, int]]
    says: str = ""
    look: str = ""


@dataclass
class ClassState:
    """A class, over several assignments.

    Parameters
    ----------
    scores : dict of str to dict of str to Score
        By student and assignment.
    handed : list of Handed
    stuck : list of Stuck
    newest : str
        The last assignment with a result.
    topics : list of Topic
    hard : list of (str, float)
        The newest assignment's questions with the lowest mean share of points.
    similar : list of Pair
    """

    scores: dict[str, dict[str, Score]]
    handed: list[Handed]
    stuck: list[Stuck]
    newest: str
    topics: list[Topic]
    hard: list[tuple[str, float]]
    similar: list[Pair] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, without scores and the answers' code."""
        similar = [{key: value for key, value in asdict(pair).items() if key != "codes"} for pair in self.similar]
        return {
            "students": len(self.scores),
            "handed_in": [asdict(one) for one in self.handed],
            "stuck": [asdict(one) for one in self.stuck],
            "newest": self.newest,
            "topics": [asdict(one) for one in self.topics],
            "hard": [{"question": name, "mean_share": share} for name, share in self.hard],
            "similar": similar,
        }


def due_dates(config: Any) -> dict[str, str]:
    """Return when each assignment is due, where that is known."""
    with open_gradebook(config) as gradebook:
        return {one.name: f"{one.duedate:%Y-%m-%d %H:%M} UTC" for one in gradebook.assignments if one.duedate}


def _told(mistake: str) -> tuple[str, str]:
    """Return what learners read about a mistake; what is only known in a case becomes dots."""
    known = words()
    entry = known.get(mistake) or next((one for name, one in known.items() if name.startswith(f"{mistake}/")), {})
    says, look = (re.sub(r"\{[^{}]*\}", "…", entry.get(part, "")) for part in ("says", "look"))
    return says.rstrip("…"), look.rstrip("…")


def _made(score: Score) -> dict[str, set[str]]:
    """Return a student's mistakes in one assignment, and in which exercises."""
    found: dict[str, set[str]] = {}
    for cell in score.cells if score.counts else ():
        exercise = cell.name.removeprefix("check_")
        for name in named_in(cell.result, exercise):
            found.setdefault(name, set()).add(exercise)
    return found


def _handed(assignment: str, scores: list[Score], due: str) -> Handed:
    def who(status: str) -> list[str]:
        return [score.student for score in scores if score.status == status]

    return Handed(
        assignment,
        due,
        sum(score.counts for score in scores),
        who("nothing handed in"),
        who("not graded"),
        who("refused"),
        sum(cell.waiting for score in scores if score.counts and not score.shared_from for cell in score.cells),
    )


def _topics(newest: str, made: Mapping[str, Mapping[str, Mapping[str, set[str]]]]) -> list[Topic]:
    """Return the newest assignment's mistakes, the most frequent first; of one student only if there are no others."""
    counts = {assignment: Counter(m for mistakes in by.values() for m in mistakes) for assignment, by in made.items()}
    found = []
    for mistake, students in counts.get(newest, Counter()).items():
        exercises = set().union(*(mistakes.get(mistake, set()) for mistakes in made[newest].values()))
        before = [(name, count[mistake]) for name, count in counts.items() if name != newest and count[mistake]]
        found.append(Topic(mistake, students, sorted(exercises), before, *_told(mistake)))
    found = [topic for topic in found if topic.students > 1] or found
    return sorted(found, key=lambda topic: (-topic.students, -len(topic.before), topic.mistake))[:_MOST_TOPICS]


def _hard(scores: list[Score]) -> list[tuple[str, float]]:
    """Return the questions with the lowest mean share; one that a person has graded for a few only tells nothing."""
    counting = sum(score.counts and not score.shared_from for score in scores)
    shares: dict[str, list[float]] = {}
    for score in scores:
        for cell in score.cells if score.counts and not score.shared_from else ():
            if not cell.waiting and cell.points:
                shares.setdefault(cell.name.removeprefix("check_"), []).append(cell.score / cell.points)
    means = sorted(((sum(own) / len(own), name) for name, own in shares.items() if 2 * len(own) > counting))
    return [(name, mean) for mean, name in means if mean < _EASY][:_MOST_HARD]


def class_state(graded: Mapping[str, list[Score]], due: Mapping[str, str], similar: list[Pair]) -> ClassState:
    """Return how a class stands.

    Parameters
    ----------
    graded : dict of str to list of Score
        By assignment, in the order of the course.
    due : dict of str to str
        When each is due, as far as that is known.
    similar : list of Pair
        Answers to look at.

    Returns
    -------
    ClassState
        Every mistake counts for each student who made it, each member of a group among them.
    """
    scores: dict[str, dict[str, Score]] = {}
    made: dict[str, dict[str, dict[str, set[str]]]] = {}
    for assignment, own in graded.items():
        for score in own:
            scores.setdefault(score.student, {})[assignment] = score
            made.setdefault(assignment, {})[score.student] = _made(score)
    again: dict[tuple[str, str], list[str]] = {}
    for assignment, by_student in made.items():
        for student, mistakes in by_student.items():
            for mistake in mistakes:
                again.setdefault((student, mistake), []).append(assignment)
    stuck = [
        Stuck(student, mistake, where, _told(mistake)[0])
        for (student, mistake), where in again.items()
        if len(where) >= STUCK_FROM
    ]
    newest = next((name for name in reversed(list(graded)) if any(score.counts for score in graded[name])), "")
    return ClassState(
        dict(sorted(scores.items())),
        [_handed(assignment, own, due.get(assignment, "")) for assignment, own in graded.items()],
        sorted(stuck, key=lambda one: (-len(one.assignments), one.student, one.mistake)),
        newest,
        _topics(newest, made),
        _hard(graded.get(newest, [])),
        similar,
    )
