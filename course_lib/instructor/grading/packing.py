"""What the sandbox gets of an exercise: inputs and observers as values; no expected value, no judge, no reference.

Inputs are worked out here, so that what makes them stays here. Observers travel with the functions that they call
and no others: inside, the modules that they come from do not exist.
"""

from __future__ import annotations

import base64
import copy
import importlib
import pkgutil
from dataclasses import replace
from functools import cache
from typing import Any

import cloudpickle

from course_lib import lessons
from course_lib.checks.case import Case
from course_lib.checks.compare import close
from course_lib.instructor import hidden
from course_lib.instructor.hidden import graded_exercises

__all__ = ["SEED", "package"]

#: Every grading uses the same random inputs, as the check cells do.
SEED = 0


@cache
def _by_value() -> None:
    """Let functions of all cases travel as values."""
    for package in (lessons, hidden):
        found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for name in [package.__name__, *(m.name for m in found if not m.name.endswith(".explorer"))]:
            cloudpickle.register_pickle_by_value(importlib.import_module(name))


def _inputs(case: Case) -> Any:
    """Return a case's inputs themselves, or what makes them, where they cannot be copied."""
    inputs = case.make_inputs(SEED)
    try:
        cloudpickle.dumps(copy.deepcopy(inputs))
    except Exception:  # an iterator, say
        return case.inputs
    return inputs


@cache
def package(lesson: str, track: str, exercise: str) -> str:
    """Pack what the sandbox needs to call an answer.

    Returns
    -------
    str
        Base 64, for `inside.observe`.
    """
    _by_value()
    spec = graded_exercises(lesson, track)[exercise]
    bare = tuple(
        # With several cases sharing one run, inputs are drawn by the run's name: it must stay.
        Case(name=str(number), inputs=_inputs(case), observe=case.observe, compare=close, run=case.key)
        for number, case in enumerate(spec.cases)
    )
    about = {"lesson": lesson, "track": track, "seed": SEED}
    packed = cloudpickle.dumps((replace(spec, cases=bare, diagnoses=(), canary=None), about))
    return base64.b64encode(packed).decode()
