"""One room a lesson, ``l03_tracking_loops`` and so on: its exercises, its explorer, its material.

A room has a function ``exercises(track)`` that returns the lesson's exercises in order.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from course_lib.checks.case import Exercise
from course_lib.tracks import TRACKS

__all__ = ["lessons", "load"]


def lessons() -> list[str]:
    """Return the ids of the lessons that have graded exercises.

    Examples
    --------
    >>> "03_tracking_loops" in lessons()
    True
    """
    return sorted(m.name[1:] for m in pkgutil.iter_modules(__path__) if m.name[0] == "l" and m.name[1:3].isdigit())


@cache
def load(lesson: str, track: str) -> dict[str, Exercise]:
    """Return a lesson's exercises in one track, by name and in order.

    Parameters
    ----------
    lesson : str
        The lesson's folder, such as ``"03_tracking_loops"``.
    track : {"pytorch", "keras"}

    Returns
    -------
    dict of str to Exercise
        ``load(lesson, track)[name].points`` is what the notebook's cell must say.

    Raises
    ------
    LookupError
        If there is no such lesson or track.
    """
    if track not in TRACKS:
        raise LookupError(f"no track {track!r}; expected one of: {', '.join(TRACKS)}")
    if lesson not in lessons():
        raise LookupError(f"no exercises for lesson {lesson!r}; expected one of: {', '.join(lessons())}")
    module = importlib.import_module(f"course_lib.lessons.l{lesson}")
    return {exercise.name: exercise for exercise in module.exercises(track)}
