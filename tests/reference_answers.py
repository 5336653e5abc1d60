"""The reference solutions of a lesson, for tests that hold them against a second implementation."""

from __future__ import annotations

from functools import cache
from typing import Any

from support import ROOT

from course_lib.instructor.proof.bank import entries, load_answer

__all__ = ["reference"]


@cache
def reference(lesson: str, track: str, exercise: str) -> Any:
    """Return the function, class or value that the lesson's text gives as the solution."""
    found = entries(ROOT / "tests" / "lessons", lesson, track, exercise)
    return load_answer(next(entry for entry in found if entry.name == "reference solution"))
