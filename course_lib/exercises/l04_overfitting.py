"""Lesson 04, overfitting: the graded exercises and their visible cases."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.exercises.overfitting_diagnose import DIAGNOSE
from course_lib.exercises.overfitting_regularise import add_regularisation
from course_lib.exercises.overfitting_sweep import CAPACITY_SWEEP

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return DIAGNOSE, CAPACITY_SWEEP, add_regularisation(track)
