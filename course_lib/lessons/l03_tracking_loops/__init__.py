"""Lesson 03, tracking loops: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l03_tracking_loops.epoch_loss import EPOCH_LOSS
from course_lib.lessons.l03_tracking_loops.order_the_loop import order_the_loop
from course_lib.lessons.l03_tracking_loops.train_one_epoch import train_one_epoch

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    if track == "pytorch":
        from course_lib.lessons.l03_tracking_loops.pytorch import FIT_AND_TRACK
    else:
        from course_lib.lessons.l03_tracking_loops.keras import FIT_AND_TRACK
    return EPOCH_LOSS, train_one_epoch(track), FIT_AND_TRACK, order_the_loop(track)
