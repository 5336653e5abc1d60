"""Lesson 02, training and validation split: the graded exercises in their order."""

from __future__ import annotations

from course_lib.checks.case import Exercise
from course_lib.lessons.l02_train_val_split.group_split import GROUP_SPLIT
from course_lib.lessons.l02_train_val_split.leak_hunt import LEAK_HUNT
from course_lib.lessons.l02_train_val_split.standardise import STANDARDISE
from course_lib.lessons.l02_train_val_split.stratified_split import STRATIFIED_SPLIT
from course_lib.lessons.l02_train_val_split.three_way_split import THREE_WAY_SPLIT

__all__ = ["exercises"]


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return THREE_WAY_SPLIT, STRATIFIED_SPLIT, GROUP_SPLIT, STANDARDISE, LEAK_HUNT
