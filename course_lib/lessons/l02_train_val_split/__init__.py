"""Lesson 02, training and validation split: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l02_train_val_split.leak_hunt import LEAK_HUNT
from course_lib.lessons.l02_train_val_split.splits import GROUP_SPLIT, STRATIFIED_SPLIT, THREE_WAY_SPLIT
from course_lib.lessons.l02_train_val_split.standardise import STANDARDISE

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return THREE_WAY_SPLIT, STRATIFIED_SPLIT, GROUP_SPLIT, STANDARDISE, LEAK_HUNT
