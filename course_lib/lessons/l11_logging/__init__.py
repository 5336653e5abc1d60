"""Lesson 11, logging and TensorBoard: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l11_logging.align_axes import ALIGN_AXES
from course_lib.lessons.l11_logging.log_hunt import LOG_HUNT
from course_lib.lessons.l11_logging.merge_resumed import MERGE_RESUMED
from course_lib.lessons.l11_logging.read_records import READ_RECORDS

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises of one track, in order."""
    return READ_RECORDS, MERGE_RESUMED, ALIGN_AXES, LOG_HUNT
