"""Keeping hidden inputs off the page: a message that repeats numbers of a hidden case is not shown.

An answer sees hidden inputs while its case runs, and may show them in the next visible case, as the text of an
exception or as a result. Numbers are recognised as they are; whoever encodes them gets past this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from course_lib.instructor.hidden import graded_exercises

__all__ = ["repeats_hidden_inputs"]

_NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
#: From this many digits on a single number tells; fewer take `IN_A_ROW` neighbours.
TELLING = 6
IN_A_ROW = 3


def _numbers(value: Any) -> Iterator[float]:
    """Yield the numbers with decimals in inputs, in their order."""
    if isinstance(value, float | np.floating):
        if np.isfinite(value) and value != int(value):
            yield float(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, np.ndarray):
        yield from _numbers(value.ravel().tolist())
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)


@cache
def _hidden(lesson: str, track: str, seed: int) -> tuple[float, ...]:
    """Return the numbers of a lesson's hidden inputs, without those that are visible as well."""
    cases = [case for exercise in graded_exercises(lesson, track).values() for case in exercise.cases]
    visible = {n for case in cases if not case.hidden for n in _numbers(case.make_inputs(seed))}
    return tuple(n for case in cases if case.hidden for n in _numbers(case.make_inputs(seed)) if n not in visible)


def _digits(text: str) -> int:
    return len(text.split("e")[0].replace("-", "").replace(".", "").lstrip("0"))


@cache
def _places(lesson: str, track: str, seed: int, digits: int) -> dict[float, tuple[int, ...]]:
    """Return where each hidden number stands, as it reads with so many digits."""
    found: dict[float, tuple[int, ...]] = {}
    for place, number in enumerate(_hidden(lesson, track, seed)):
        shown = float(f"{number:.{digits}g}")
        found[shown] = (*found.get(shown, ()), place)
    return found


def repeats_hidden_inputs(message: str, lesson: str, track: str, seed: int = 0) -> bool:
    """Tell whether a message repeats numbers of a lesson's hidden inputs.

    Parameters
    ----------
    message : str
    lesson, track : str
    seed : int
        Of the random inputs.
    """
    rows: dict[int, int] = {}  # where the next number of a row would stand -> how many it has
    for text in _NUMBER.findall(message):
        digits = _digits(text)
        places = _places(lesson, track, seed, min(digits, 17)).get(float(text), ()) if digits >= 3 else ()
        if places and digits >= TELLING:
            return True
        rows = {place + 1: rows.get(place, 0) + 1 for place in places}
        if any(length >= IN_A_ROW for length in rows.values()):
            return True
    return False
