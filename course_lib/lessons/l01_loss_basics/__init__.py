"""Lesson 01, loss basics: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l01_loss_basics.baseline_losses import BASELINES
from course_lib.lessons.l01_loss_basics.cross_entropy_from_logits import CROSS_ENTROPY
from course_lib.lessons.l01_loss_basics.first_loss_diagnosis import first_loss_diagnosis
from course_lib.lessons.l01_loss_basics.mse import MSE

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return MSE, CROSS_ENTROPY, BASELINES, first_loss_diagnosis(track)
