"""Lesson 09, learning-rate schedules: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l09_schedules.cosine_with_warmup import COSINE_WITH_WARMUP
from course_lib.lessons.l09_schedules.plateau_cuts import PLATEAU_CUTS
from course_lib.lessons.l09_schedules.range_test import RANGE_TEST
from course_lib.lessons.l09_schedules.resume_hunt import resume_hunt

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises of one track, in order."""
    return COSINE_WITH_WARMUP, PLATEAU_CUTS, RANGE_TEST, resume_hunt(track)
