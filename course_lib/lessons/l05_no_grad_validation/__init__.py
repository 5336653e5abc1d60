"""Lesson 05, no_grad validation: the graded exercises and their visible cases."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l05_no_grad_validation.bug_hunt import bug_hunt
from course_lib.lessons.l05_no_grad_validation.evaluate import evaluate
from course_lib.lessons.l05_no_grad_validation.same_weights_train_loss import same_weights_train_loss
from course_lib.lessons.l05_no_grad_validation.shift_aligned_curves import SHIFT_ALIGNED_CURVES

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return evaluate(track), same_weights_train_loss(track), SHIFT_ALIGNED_CURVES, bug_hunt(track)
