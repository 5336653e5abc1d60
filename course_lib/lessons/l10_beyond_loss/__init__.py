"""Lesson 10, beyond loss: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l10_beyond_loss.calibration_error import CALIBRATION_ERROR
from course_lib.lessons.l10_beyond_loss.choose_threshold import CHOOSE_THRESHOLD
from course_lib.lessons.l10_beyond_loss.report_hunt import report_hunt
from course_lib.lessons.l10_beyond_loss.streaming_f1 import STREAMING_F1

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises of one track, in order."""
    return STREAMING_F1, CHOOSE_THRESHOLD, CALIBRATION_ERROR, report_hunt()
