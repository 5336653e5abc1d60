"""Lesson 03, tracking loops: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l03_tracking_loops.epoch_loss import EPOCH_LOSS
from course_lib.lessons.l03_tracking_loops.fit_and_track import fit_and_track
from course_lib.lessons.l03_tracking_loops.order_the_loop import order_the_loop
from course_lib.lessons.l03_tracking_loops.train_one_epoch import train_one_epoch

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return EPOCH_LOSS, train_one_epoch(track), fit_and_track(track), order_the_loop(track)
