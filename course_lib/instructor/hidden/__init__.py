"""Hidden cases, one module a lesson, and the graded check that runs them after the visible ones.

Such a module has a function ``hidden_cases(track)`` that returns the cases by exercise. A learner sees
a hidden case's name and hint, never its inputs or what is expected.

Where what is right differs from student to student, it also has ``personal_cases(track, student)``. Each of these takes
the place of the visible case of the same run: inputs and observer are everybody's, what is right is that student's.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.checks.case import Case, Exercise
from course_lib.checks.display import publish
from course_lib.checks.judging import judge, summarise
from course_lib.checks.result import CaseResult, CheckResult
from course_lib.checks.run import Observer, Stop, observe_case, run_exercise
from course_lib.lessons import load

__all__ = [
    "Rejudged",
    "graded_check",
    "graded_exercises",
    "hidden_cases",
    "is_personal",
    "of_student",
    "rejudge",
    "run_graded",
]


def hidden_cases(lesson: str, track: str) -> dict[str, tuple[Case, ...]]:
    """Return a lesson's hidden cases by exercise, as its module lists them."""
    module = _module(lesson)
    return {} if module is None else {name: tuple(cases) for name, cases in module.hidden_cases(track).items()}


@cache
def graded_exercises(lesson: str, track: str) -> dict[str, Exercise]:
    """Return a lesson's exercises as they are graded: visible and hidden cases.

    Parameters
    ----------
    lesson : str
        The lesson's folder, such as ``"03_tracking_loops"``.
    track : {"pytorch", "keras"}
    """
    visible, hidden = load(lesson, track), hidden_cases(lesson, track)
    unknown = sorted(set(hidden) - set(visible))
    if unknown:
        raise LookupError(f"hidden cases for {unknown[0]!r}, which is no exercise of lesson {lesson}")
    whole = {name: exercise.with_hidden(hidden.get(name, ())) for name, exercise in visible.items()}
    return {name: _with_personal(exercise, _personal(lesson, track, "")) for name, exercise in whole.items()}


@cache
def _module(lesson: str) -> Any:
    """Return the module of a lesson's hidden cases, or None where it has none."""
    try:
        return importlib.import_module(f"{__name__}.l{lesson}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.l{lesson}":
            raise
        return None


def _personal(lesson: str, track: str, student: str) -> dict[str, tuple[Case, ...]]:
    """Return by exercise the cases of which one student's right answer differs from another's."""
    made = getattr(_module(lesson), "personal_cases", None)
    return {} if made is None else made(track, student)


def _with_personal(exercise: Exercise, personal: dict[str, tuple[Case, ...]]) -> Exercise:
    own = {case.key: case for case in personal.get(exercise.name, ())}
    if unknown := sorted(set(own) - {case.key for case in exercise.cases}):
        raise LookupError(f"a personal case for the run {unknown[0]!r}, which {exercise.name!r} has not")
    return replace(exercise, cases=tuple(own.get(case.key, case) for case in exercise.cases))


@cache
def is_personal(lesson: str, track: str, exercise: str = "") -> bool:
    """Tell whether what is right in an exercise, or anywhere in a lesson, differs from student to student."""
    personal = _personal(lesson, track, "")
    return exercise in personal if exercise else bool(personal)


def of_student(lesson: str, track: str, exercise: str, student: str) -> Exercise:
    """Return an exercise as it is graded for one student.

    Parameters
    ----------
    lesson, track, exercise : str
    student : str
        The name of the folder that the work was handed in under; never what the work says of itself.
    """
    spec = graded_exercises(lesson, track)[exercise]
    if not student or not is_personal(lesson, track, exercise):
        return spec
    return _with_personal(spec, _personal(lesson, track, student))


def run_graded(
    lesson: str,
    track: str,
    exercise: str,
    answer: Any,
    *,
    seed: int = 0,
    stop: Stop = "never",
    observe: Observer = observe_case,
    student: str = "",
) -> CheckResult:
    """Run visible and hidden cases on an answer and return the result without showing it."""
    exercises = graded_exercises(lesson, track)
    if exercise not in exercises:
        raise LookupError(f"lesson {lesson} has no exercise {exercise!r}; expected one of: {', '.join(exercises)}")
    return run_exercise(
        of_student(lesson, track, exercise, student),
        answer,
        lesson=lesson,
        track=track,
        seed=seed,
        graded=True,
        stop=stop,
        observe=observe,
    )


def graded_check(lesson: str, track: str, exercise: str, answer: Any, *, seed: int = 0) -> float:
    """Check an answer as it is graded, show the result, and return the score.

    Parameters
    ----------
    lesson, track, exercise : str
    answer : object
        What the learner wrote.
    seed : int, optional
        Of the random inputs.

    Returns
    -------
    float
        Between 0 and the exercise's points. The notebook's output also holds the result as JSON data,
        with the evidence that `rejudge` needs.

    Examples
    --------
    >>> graded_check("03_tracking_loops", "pytorch", "epoch_loss", None)
    The exercise epoch_loss is not done yet: write epoch_loss in its cell above, run that cell, then this check again.
    0.0
    """
    result = run_graded(lesson, track, exercise, answer, seed=seed, student=_in_autograde())
    publish(result)
    return float(result.score)


def _in_autograde() -> str:
    """Return whose work ``nbgrader autograde`` is at: it works in ``autograded/STUDENT/ASSIGNMENT``."""
    return Path.cwd().parent.name if os.environ.get("NBGRADER_EXECUTION") == "autograde" else ""


class Rejudged(NamedTuple):
    """The verdict of a process the learner's code never ran in, and what a person should look at."""

    score: float
    flags: tuple[str, ...]
    cases: tuple[CaseResult, ...]


def rejudge(payload: dict[str, Any] | None, lesson: str, track: str, exercise: str, student: str = "") -> Rejudged:
    """Judge a graded check's stored evidence again, trusting nothing but the evidence.

    Parameters
    ----------
    payload : dict or None
        The data that the notebook's output holds under `course_lib.checks.MIME`; ``None`` if the check
        never ran.
    lesson, track, exercise : str
        What the grader knows the cell to be.
    student : str, optional
        Whose work it is.

    Returns
    -------
    Rejudged
        The lower of the two scores, and a flag for everything that does not fit.
    """
    spec = of_student(lesson, track, exercise, student)
    if not isinstance(payload, dict):
        return Rejudged(0.0, ("the check never ran",), ())
    flags = [str(flag) for flag in payload.get("flags", [])]
    if (payload.get("lesson"), payload.get("track"), payload.get("exercise")) != (lesson, track, exercise):
        return Rejudged(0.0, (*flags, "the result is that of another exercise"), ())
    if not payload.get("graded"):
        flags.append("the hidden cases did not run")
    if payload.get("status") == "not_done" and not payload.get("evidence"):
        return Rejudged(0.0, tuple(flags), ())
    stored = {str(e.get("run")): e.get("seen") for e in payload.get("evidence") or [] if isinstance(e, dict)}
    runs = {key: seen for key, seen in stored.items() if isinstance(seen, dict)}
    results = judge(spec, runs, int(payload.get("seed", 0)))
    score, _ = summarise(results, spec.points)
    try:
        claimed = float(payload.get("score", 0.0))
    except (TypeError, ValueError):
        claimed = 0.0
    if abs(claimed - score) > 1e-6:
        flags.append(f"the notebook claims {claimed:g} points, its evidence gives {score:g}")
    return Rejudged(max(0.0, min(score, claimed)), tuple(flags), tuple(results))
