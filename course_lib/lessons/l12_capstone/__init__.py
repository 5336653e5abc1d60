"""Lesson 12, the capstone: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l12_capstone.curve_features import CURVE_FEATURES
from course_lib.lessons.l12_capstone.final_run import FINAL_RUN
from course_lib.lessons.l12_capstone.my_faults import MY_FAULTS
from course_lib.lessons.l12_capstone.report_numbers import REPORT_NUMBERS

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises of one track, in order."""
    return CURVE_FEATURES, MY_FAULTS, FINAL_RUN, REPORT_NUMBERS
