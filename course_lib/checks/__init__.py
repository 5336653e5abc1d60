"""Checks that teach: run an exercise's cases on an answer, show what was found, return the score.

In a lesson::

    from course_lib.checks import lesson_checks

    check = lesson_checks("03_tracking_loops", "pytorch")
    score = check("epoch_loss", epoch_loss)
"""

from __future__ import annotations

import sys
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches, near
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
from course_lib.checks.display import as_html, as_text, publish
from course_lib.checks.phrase import Phrase
from course_lib.checks.plain import describe, dict_of, has_graph, list_of, number_of, show
from course_lib.checks.result import MIME, CaseResult, CheckResult
from course_lib.checks.rooms import load
from course_lib.checks.run import run_exercise

__all__ = [
    "MIME",
    "Case",
    "CaseResult",
    "CheckResult",
    "Claim",
    "Diagnosis",
    "Evidence",
    "Exercise",
    "LessonChecks",
    "Matches",
    "OneOf",
    "Phrase",
    "as_html",
    "as_text",
    "describe",
    "dict_of",
    "has_graph",
    "lesson_checks",
    "list_of",
    "near",
    "number_of",
    "publish",
    "run_exercise",
    "show",
]

_MISSING = object()


class LessonChecks:
    """The checks of one lesson in one track; call it with an exercise's name and the answer."""

    def __init__(self, lesson: str, track: str):
        self.lesson = lesson
        self.track = track
        self.exercises = load(lesson, track)

    def __call__(self, exercise: str, answer: Any = _MISSING, *, seed: int = 0) -> float:
        """Check an answer, show the result, and return the score.

        Parameters
        ----------
        exercise : str
            The exercise's name.
        answer : object, optional
            What the learner wrote. Without it, the notebook's object of the exercise's name is taken,
            so that a cell that defines nothing yet is told apart from one that is wrong.
        seed : int, optional
            Of the random inputs.

        Returns
        -------
        float
            Between 0 and the exercise's points.
        """
        if not self.exercises:
            print(f"The check of {exercise} is not run here: it is made when the notebook is graded.")
            return 0.0
        if answer is _MISSING:
            names = sys._getframe(1).f_globals
            answer = names.get(self[exercise].answer_name)
        result = self.run(exercise, answer, seed=seed)
        publish(result)
        return float(result.score)

    def __getitem__(self, exercise: str) -> Exercise:
        """Return an exercise's specification."""
        try:
            return self.exercises[exercise]
        except KeyError:
            known = ", ".join(self.exercises)
            raise LookupError(f"lesson {self.lesson} has no exercise {exercise!r}; expected one of: {known}") from None

    def run(self, exercise: str, answer: Any, *, seed: int = 0) -> CheckResult:
        """Check an answer and return the result without showing it."""
        return run_exercise(self[exercise], answer, lesson=self.lesson, track=self.track, seed=seed)

    def __repr__(self) -> str:
        return f"checks of lesson {self.lesson} ({self.track}): {', '.join(self.exercises)}"


def lesson_checks(lesson: str, track: str) -> LessonChecks:
    """Return the checks of a lesson.

    Parameters
    ----------
    lesson : str
        The lesson's folder, such as ``"03_tracking_loops"``.
    track : {"pytorch", "keras"}

    Returns
    -------
    LessonChecks
        Call it with an exercise's name and the answer; it shows what was found and returns the score.

    Raises
    ------
    LookupError
        If there is no such lesson or track.

    Examples
    --------
    >>> check = lesson_checks("03_tracking_loops", "pytorch")
    >>> check("epoch_loss", None)
    The exercise epoch_loss is not done yet: write epoch_loss in its cell above, run that cell, then this check again.
    0.0
    """
    return LessonChecks(lesson, track)
