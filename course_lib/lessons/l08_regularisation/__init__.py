"""Lesson 08, regularization: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l08_regularisation.augment import AUGMENT
from course_lib.lessons.l08_regularisation.chooser_hunt import CHOOSER_HUNT
from course_lib.lessons.l08_regularisation.plain_and_reported import plain_and_reported
from course_lib.lessons.l08_regularisation.smooth_targets import SMOOTH_TARGETS

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order; a framework takes part in one of them."""
    return SMOOTH_TARGETS, AUGMENT, plain_and_reported(track), CHOOSER_HUNT
