"""Lesson 06, early stopping: the graded exercises and their visible cases."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l06_early_stopping.early_stopping_class import EARLY_STOPPING_CLASS
from course_lib.lessons.l06_early_stopping.keep_best_weights import keep_best_weights
from course_lib.lessons.l06_early_stopping.match_library import MATCH_LIBRARY
from course_lib.lessons.l06_early_stopping.train_with_early_stopping import train_with_early_stopping

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return EARLY_STOPPING_CLASS, keep_best_weights(track), MATCH_LIBRARY, train_with_early_stopping(track)
