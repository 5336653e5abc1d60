"""Lesson 02, training and validation split: the hidden cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.exercises.l02_train_val_split import PAIR
from course_lib.exercises.train_val_split_pipelines import leak_case
from course_lib.exercises.train_val_split_splits import group_cases, stratified_cases, three_way_cases

__all__ = ["hidden_cases"]

THREE_WAY_HINTS = (
    "Is every row number from 0 to n_rows - 1 in exactly one part, whatever the sizes?",
    "Are the sizes right when the validation part is larger than the training part?",
    "Does the same seed give the same split again, another seed another one, and may any row come into any part?",
)
STRATIFIED_HINTS = (
    "Labels may be text, and classes of any number. Is every row in exactly one part?",
    "Where a class's share of rows is no whole number it is rounded, up or down. Is that done class by class?",
    "Does the seed decide which rows of a class are drawn, whatever the labels are?",
)
GROUP_HINTS = (
    "People may have names instead of numbers, and different numbers of rows. Is every row in exactly one part?",
    "Somebody's rows may lie anywhere in the table. Are they all on one side?",
    "Is each person drawn once at most, also one with many rows?",
    "Does the seed decide who is drawn, and may it be anybody?",
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
    spread[spread == 0] = 1
    return [((part - mean) / spread).tolist() for part in (train, val)]


def _apart(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return parts whose means and spreads differ, so that it shows whose statistics were used."""
    scales = np.array([1.0, 10.0, 0.5])
    return rng.normal(3, 1, (12, 3)) * scales, rng.normal(6, 3, (5, 3)) * scales


def _constant(rng: np.random.Generator) -> tuple[Any, ...]:
    train, val = _apart(rng)
    train[:, 1] = 4.0
    return train, val


def _small_units(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return parts with a column that varies, but by little."""
    train, val = _apart(rng)
    scales = np.array([1.0, 1e-5, 1.0])
    return train * scales, val * scales


STANDARDISE = (
    Case("three columns of different units", _apart, _right, "Each column has its own mean and spread.", compare=PAIR),
    Case(
        "a constant column among others",
        _constant,
        _right,
        "A column that does not vary in the training rows may vary in the validation rows.",
        compare=PAIR,
    ),
    Case(
        "a column in small units",
        _small_units,
        _right,
        "A column may be in large units, so that its numbers are small and vary by little; only one that does not vary "
        "at all is divided by 1.",
        compare=PAIR,
    ),
    Case(
        "whole numbers",
        lambda rng: (rng.permutation(np.arange(24)).reshape(8, 3), np.array([[5, -9, 40]])),
        _right,
        "The inputs may be whole numbers; the results are fractions.",
        compare=PAIR,
    ),
    Case(
        "single precision",
        lambda rng: tuple(part.astype(np.float32) for part in _apart(rng)),
        _right,
        "The inputs may be of type float32.",
        compare=PAIR,
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "three_way_split": (
            *three_way_cases(
                lambda rng: (24, 8, 9, int(rng.integers(100))), "a small training part", hints=THREE_WAY_HINTS
            ),
            *three_way_cases(
                lambda rng: (200, 1, 40, int(rng.integers(100))),
                "a single validation row",
                seeds=8,
                hints=THREE_WAY_HINTS,
            ),
        ),
        "stratified_split": (
            *stratified_cases(_labels, "text labels", hints=STRATIFIED_HINTS),
            *stratified_cases(_half, "half of a rare class", hints=STRATIFIED_HINTS),
        ),
        "group_split": (
            *group_cases(_names, "people with names", hints=GROUP_HINTS),
            *group_cases(_in_blocks, "a single person, rows in order", hints=GROUP_HINTS),
        ),
        "standardise": STANDARDISE,
        "leak_hunt": (
            leak_case(
                "all six together",
                "ABCDEF",
                hint="For each number in x_train, ask: could it be different if the validation rows were?",
            ),
        ),
    }
