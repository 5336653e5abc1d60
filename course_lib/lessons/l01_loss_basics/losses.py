"""Lesson 01: what rows cost, and mistakes that several of its exercises know."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Claim, OneOf
from course_lib.checks.mistakes import mistake

__all__ = [
    "EXACT",
    "OF_CLASSES",
    "ONE_HOT",
    "ROUNDED",
    "SWAPPED_ARGUMENTS",
    "accuracy",
    "as_probabilities",
    "costs",
    "of_right",
    "row_costs",
    "said",
    "small_type",
]


def costs(z: np.ndarray, axis: int | None = 1) -> np.ndarray:
    """Return what each class would cost if it were the right one: -ln of the softmax over an axis."""
    z = np.asarray(z, dtype=float)
    largest = z.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(z - largest).sum(axis=axis, keepdims=True)) + largest - z)


def of_right(values: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return what each row holds for its right class."""
    return np.asarray(values[np.arange(len(t)), t])


def row_costs(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return what each row costs: -ln of the probability of its right class."""
    return of_right(costs(z), t)


def as_probabilities(z: np.ndarray, t: np.ndarray) -> float:
    """Return what Keras's loss for probabilities makes of logits: it clips them and scales rows to a sum of 1."""
    p = np.clip(np.asarray(z, dtype=float), 1e-7, 1 - 1e-7)
    return float(-np.log(of_right(p / p.sum(axis=1, keepdims=True), t)).mean())


def accuracy(z: np.ndarray, t: np.ndarray) -> OneOf:
    """Return the share of rows that the largest logit gets right, and the share that it gets wrong."""
    right = np.argmax(z, axis=1) == t
    return OneOf(right.mean(), 1 - right.mean())


def small_type(*arrays: np.ndarray) -> bool:
    """Whether all arrays hold whole numbers of a type that sums and squares may not fit into."""
    return all(array.dtype.kind in "iu" and array.dtype.itemsize < 8 for array in arrays)


#: What mistakes give for the cross-entropy of knowing nothing, of the number of classes.
OF_CLASSES: tuple[tuple[str, Callable[[int], float]], ...] = (
    ("chance_accuracy", lambda k: 1 / k),
    ("chance_error_rate", lambda k: 1 - 1 / k),
    ("sign", lambda k: -math.log(k)),
    ("log2", math.log2),
    ("log10", math.log10),
)


def said(e: Evidence, words: str) -> bool:
    """Whether the answer stopped with an error whose message matches the words."""
    return e.error is not None and re.search(words, e.error["message"]) is not None


#: Told by what the two libraries say.
SWAPPED_ARGUMENTS = mistake(
    "swapped_loss_arguments",
    probe=lambda e: said(e, r"not implemented for 'Long'|(output|logits)\.shape=\(\d+,\)"),
)
ONE_HOT = mistake("one_hot_expected", probe=lambda e: said(e, "must have the same rank"))

#: Told apart is what is right and what is rounded to three decimals.
EXACT = Matches(rel=1e-9, abs_=1e-12)


def _rounded(e: Evidence) -> Claim:
    right = float(e.expected)
    cut = [math.floor(right * 10**digits) / 10**digits for digits in (1, 2, 3)]
    return Claim(e.given, OneOf(*(round(right, digits) for digits in (1, 2, 3)), *cut), right)


ROUNDED = mistake("rounded", claim=_rounded, compare=EXACT)
