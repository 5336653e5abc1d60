"""Nothing in the half that learners get answers an exercise.

Every function, class and value that lies at the level of a module, public or private, is handed in as an answer, and so
is what a case expects. The graders judge it, on visible cases and on hidden ones with random inputs: none may get all
points.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import multiprocessing
import pkgutil
import signal
import sys
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from reference_answers import reference
from support import TRACKS

import course_lib
from course_lib.checks.case import Exercise
from course_lib.checks.judging import judge_case
from course_lib.checks.run import observe_case
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.text.bundle import WITHHELD
from course_lib.lessons import lessons, load
from course_lib.notebook import explanations

#: Of the course's package, what learners do not get, and what starts the command line.
HELD_BACK = (*WITHHELD, "__main__")
#: Seconds for one candidate; what takes longer is no answer to inputs as small as these.
LONGEST = 5
#: Of the cases' random inputs.
SEED = 1
#: What the course's own loops count with: a tool of the library that learners may read like all of it.
OF_THE_LIBRARY = {"course_lib.training.columns.weighted_mean"}
#: Longer texts are no choice of letters.
LONGEST_TEXT = 100


def modules() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
        if found.name.split(".")[1] not in HELD_BACK:
            yield importlib.import_module(found.name)


@cache
def shipped() -> list[tuple[str, Any]]:
    """Return all that lies in a module, by name; what is imported stands in its own module."""
    return [
        (f"{module.__name__}.{name}", value)
        for module in modules()
        for name, value in list(vars(module).items())
        if getattr(value, "__module__", module.__name__) == module.__name__ and not name.startswith("__")
    ]


def takes(function: Callable[..., Any], arguments: int) -> bool:
    try:
        inspect.signature(function).bind(*range(arguments))
    except (TypeError, ValueError):
        return False
    return True


def candidates(exercise: Exercise, right: Any) -> Iterator[tuple[str, Any]]:
    """Yield what could be an answer to an exercise: of its kind, and called like the reference solution ``right``."""
    of_value = (str, list, tuple, set, frozenset) if not isinstance(right, dict) else (dict,)
    for name, value in shipped():
        if exercise.kind == "value":
            fits = isinstance(value, of_value) and len(value) < LONGEST_TEXT
        else:
            of_kind = callable(value) and isinstance(value, type) == (exercise.kind == "class")
            fits = of_kind and takes(value, len(inspect.signature(right).parameters))
        if fits:
            yield name, value
    for case in exercise.cases if exercise.kind == "function" else ():
        if callable(case.expected) and not case.hidden:
            yield f"what {case.name!r} expects", case.expected


@contextlib.contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """End what takes longer, and let it print nothing; where there is no alarm, nothing is ended."""

    def end(*_: Any) -> None:
        raise TimeoutError

    alarm = hasattr(signal, "SIGALRM")
    before = signal.signal(signal.SIGALRM, end) if alarm else None
    if alarm:
        signal.alarm(seconds)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        if alarm:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)


def answers(exercise: Exercise, candidate: Any) -> bool:
    """Whether a candidate passes all cases: what `run_exercise` finds, without its canaries at every candidate."""
    try:
        with at_most(LONGEST):
            return all(
                judge_case(exercise, case, observe_case(case, candidate, SEED), SEED) is None for case in exercise.cases
            )
    except (Exception, SystemExit):
        return False


@pytest.fixture(scope="module")
def apart() -> Iterator[Callable[..., Any]]:
    """Call in another process: whatever functions are handed, seeds among it, stays in what they change there."""
    # Spawned, since TensorFlow does not survive a fork.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        yield lambda function, *given: process.submit(function, *given).result()


def that_answer_in(folder: Path, lesson: str, exercise: str, track: str) -> list[str]:
    """Look for answers in a folder where they may write; a lesson is begun with whatever they are handed."""
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patched:
        patched.setattr(explanations, "_current", [])
        return that_answer(lesson, exercise, track)


def that_answer(lesson: str, exercise: str, track: str) -> list[str]:
    graded, right = graded_exercises(lesson, track)[exercise], reference(lesson, track, exercise)
    return [name for name, value in candidates(graded, right) if answers(graded, value)]


def asked() -> Iterator[tuple[str, str, str]]:
    """Yield every exercise in every track; once, where both tracks have the same one."""
    for lesson in lessons():
        for track in TRACKS:
            for name, exercise in load(lesson, track).items():
                if track == TRACKS[0] or load(lesson, TRACKS[0]).get(name) is not exercise:
                    yield lesson, name, track


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "exercise", "track"), list(asked()))
def test_nothing_that_ships_answers(
    lesson: str, exercise: str, track: str, tmp_path: Path, apart: Callable[..., Any]
) -> None:
    assert set(apart(that_answer_in, tmp_path, lesson, exercise, track)) <= OF_THE_LIBRARY


def test_a_reference_that_shipped_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_lib.instructor.hidden.l05_no_grad_validation import aligned

    found = [("course_lib.lessons.shipped._aligned", aligned)]
    monkeypatch.setattr(sys.modules[__name__], "shipped", lambda: found)
    assert that_answer("05_no_grad_validation", "shift_aligned_curves", "pytorch") == [found[0][0]]
