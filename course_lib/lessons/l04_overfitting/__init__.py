"""Lesson 04, overfitting: the graded exercises and their visible cases."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l04_overfitting.add_regularisation import add_regularisation
from course_lib.lessons.l04_overfitting.capacity_sweep import CAPACITY_SWEEP
from course_lib.lessons.l04_overfitting.diagnose import DIAGNOSE

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return DIAGNOSE, CAPACITY_SWEEP, add_regularisation(track)
