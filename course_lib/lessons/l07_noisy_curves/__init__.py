"""Lesson 07, noisy curves: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l07_noisy_curves.centred_mean import CENTRED_MEAN
from course_lib.lessons.l07_noisy_curves.paired_comparison import PAIRED_COMPARISON
from course_lib.lessons.l07_noisy_curves.smooth import SMOOTH
from course_lib.lessons.l07_noisy_curves.smoother_hunt import SMOOTHER_HUNT

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises, in order; both tracks have the same, since no framework takes part."""
    return SMOOTH, CENTRED_MEAN, PAIRED_COMPARISON, SMOOTHER_HUNT
