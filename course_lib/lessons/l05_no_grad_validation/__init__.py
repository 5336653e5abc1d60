"""Lesson 05, no_grad validation: the graded exercises and their visible cases."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l05_no_grad_validation.shift_aligned_curves import SHIFT_ALIGNED_CURVES

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    if track == "pytorch":
        from course_lib.lessons.l05_no_grad_validation.pytorch import BUG_HUNT, EVALUATE, SAME_WEIGHTS
    else:
        from course_lib.lessons.l05_no_grad_validation.keras import BUG_HUNT, EVALUATE, SAME_WEIGHTS
    return EVALUATE, SAME_WEIGHTS, SHIFT_ALIGNED_CURVES, BUG_HUNT
