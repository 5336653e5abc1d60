"""Where the lessons' exercises are found: in the rooms of `course_lib.lessons`, by name, and only when asked for.

Rooms import what checks are made of, and nothing here imports a room: a lesson that is added needs no change here.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from course_lib.checks.case import Exercise
from course_lib.tracks import TRACKS

__all__ = ["lessons", "load"]

_ROOMS = "course_lib.lessons"


def lessons() -> list[str]:
    """Return the ids of the lessons that have graded exercises.

    Examples
    --------
    >>> "03_tracking_loops" in lessons()
    True
    """
    path = importlib.import_module(_ROOMS).__path__
    return sorted(m.name[1:] for m in pkgutil.iter_modules(path) if m.name[0] == "l" and m.name[1:3].isdigit())


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
    module = importlib.import_module(f"{_ROOMS}.l{lesson}")
    return {exercise.name: exercise for exercise in module.exercises(track)}
