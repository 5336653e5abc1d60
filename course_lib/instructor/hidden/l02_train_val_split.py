"""Lesson 02, training and validation split: the hidden cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l02_train_val_split.group_split import group_cases
from course_lib.lessons.l02_train_val_split.leak_hunt import HUNT
from course_lib.lessons.l02_train_val_split.standardise import PAIR
from course_lib.lessons.l02_train_val_split.stratified_split import rare_case, stratified_cases
from course_lib.lessons.l02_train_val_split.three_way_split import three_way_cases

__all__ = ["hidden_cases"]


def _hints(*runs: str) -> tuple[str, ...]:
    """Return a hint for each case of a run: what the run is like, and what is looked at."""
    about, looked_at = runs[0], runs[1:]
    return tuple(f"{about} Looked at: {what}." for what in looked_at)


_SEED = "the same seed twice, other seeds, and which rows are drawn"
THREE_WAY_HINTS = (
    _hints("24 rows, 9 of them for test and 8 for val.", "that each row is in one part", "the sizes", _SEED),
    _hints("200 rows, a single one of them for val.", "that each row is in one part", "the sizes", _SEED),
)
STRATIFIED_HINTS = (
    _hints("Labels are texts.", "that each row is in one part", "each class's number of rows", _SEED),
    _hints(
        "Two classes, 3 and 7, one four times as frequent; half of the rows are for val.",
        "that each row is in one part",
        "each class's number of rows",
        _SEED,
    ),
)
GROUP_HINTS = (
    _hints(
        "Seven people with names, of which one is the beginning of another; one has nine rows, two have one.",
        "that each row is in one part",
        "that nobody is on both sides",
        "how many people are in val",
        "the same seed twice, other seeds, and who is drawn",
    ),
    _hints(
        "Four people whose rows are neighbors; one of them is drawn.",
        "that each row is in one part",
        "that nobody is on both sides",
        "how many people are in val",
        "the same seed twice, other seeds, and who is drawn",
    ),
)


def _labels(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.permutation(np.repeat(["rain", "snow", "sun"], [5, 6, 9])), 0.3, int(rng.integers(100))


def _half(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.permutation(np.repeat([3, 7], [16, 4])), 0.5, int(rng.integers(100))


def _names(rng: np.random.Generator) -> tuple[Any, ...]:
    people = np.repeat(["Ann", "Anna", "Cem", "Dua", "Eve", "Finn", "Gus"], [9, 1, 2, 3, 1, 2, 4])
    return rng.permutation(people), 3, int(rng.integers(100))


def _in_blocks(rng: np.random.Generator) -> tuple[Any, ...]:
    return np.repeat(rng.permutation([101, 55, 78, 9]), [6, 5, 2, 4]), 1, int(rng.integers(100))


def _right(train: np.ndarray, val: np.ndarray) -> list[Any]:
    mean, spread = train.mean(axis=0, dtype=float), train.std(axis=0, dtype=float)
    spread[(train == train[0]).all(axis=0)] = 1
    return [((part - mean) / spread).tolist() for part in (train, val)]


def _apart(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return parts whose means and spreads differ, so that it shows whose statistics were used."""
    scales = np.array([1.0, 10.0, 0.5])
    return rng.normal(3, 1, (12, 3)) * scales, rng.normal(6, 3, (5, 3)) * scales


def _constant(rng: np.random.Generator) -> tuple[Any, ...]:
    train, val = _apart(rng)
    train[:, 1] = 4.0
    return train, val


def _equal_fractions(rng: np.random.Generator) -> tuple[Any, ...]:
    train, val = _apart(rng)
    train[:, 0] = 0.7
    return train[:7], val


def _small_units(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return parts with a column that varies, but by little."""
    train, val = _apart(rng)
    scales = np.array([1.0, 1e-5, 1.0])
    return train * scales, val * scales


STANDARDISE = (
    Case(
        "three columns of different units",
        _apart,
        _right,
        "Twelve training rows and five validation rows of three columns in different units.",
        compare=PAIR,
    ),
    Case(
        "a constant column among others",
        _constant,
        _right,
        "One of three columns does not vary in the training rows, and varies in the validation rows.",
        compare=PAIR,
    ),
    Case(
        "a column in small units",
        _small_units,
        _right,
        "One of three columns is in large units: its numbers are small and vary by little.",
        compare=PAIR,
    ),
    Case(
        "whole numbers",
        lambda rng: (rng.permutation(np.arange(24)).reshape(8, 3), np.array([[5, -9, 40]])),
        _right,
        "The inputs are whole numbers of type int64; the results are fractions.",
        compare=PAIR,
    ),
    Case(
        "single precision",
        lambda rng: tuple(part.astype(np.float32) for part in _apart(rng)),
        _right,
        "The inputs are of type float32.",
        compare=PAIR,
    ),
    Case(
        "seven equal fractions",
        _equal_fractions,
        _right,
        "Seven training rows; one column is 0.7 in all of them, and other numbers in the validation rows.",
        compare=PAIR,
    ),
    Case(
        "a single training row",
        lambda rng: (rng.normal(3, 1, (1, 3)), rng.normal(3, 1, (4, 3))),
        _right,
        "A single training row, four validation rows.",
        compare=PAIR,
        weight=0.5,
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "three_way_split": (
            *three_way_cases(
                lambda rng: (24, 8, 9, int(rng.integers(100))), "a small training part", hints=THREE_WAY_HINTS[0]
            ),
            *three_way_cases(
                lambda rng: (200, 1, 40, int(rng.integers(100))),
                "a single validation row",
                seeds=8,
                hints=THREE_WAY_HINTS[1],
            ),
        ),
        "stratified_split": (
            *stratified_cases(_labels, "text labels", hints=STRATIFIED_HINTS[0]),
            *stratified_cases(_half, "half of a rare class", hints=STRATIFIED_HINTS[1]),
            rare_case(
                np.array(["a", "b", "a", "a", "c", "a", "a"]),
                0.4,
                11,
                "texts, classes of a single row",
                hint="Labels are texts, and two classes have a single row.",
            ),
        ),
        "group_split": (
            *group_cases(_names, "people with names", hints=GROUP_HINTS[0]),
            *group_cases(_in_blocks, "a single person, rows in order", hints=GROUP_HINTS[1]),
        ),
        "standardise": STANDARDISE,
        "leak_hunt": (HUNT.case("all six together", "ABCDEF", hint="All six pipelines at once."),),
    }
