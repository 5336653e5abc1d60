"""Lesson 08, regularization: the hidden cases."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l08_regularisation.augment import augment_case
from course_lib.lessons.l08_regularisation.chooser_hunt import HUNT
from course_lib.lessons.l08_regularisation.plain_and_reported import reported_case
from course_lib.lessons.l08_regularisation.smooth_targets import NAMES

__all__ = ["hidden_cases"]


def _smoothed(labels: Any, n: int, eps: float) -> list[Any]:
    """Return the targets from their definition: the labels' share, and what is spread over all classes."""
    rest = Fraction(eps) / n
    rows = [[float(rest + (1 - Fraction(eps) if k == label else 0)) for k in range(n)] for label in map(int, labels)]
    shares = [float(rest + 1 - Fraction(eps)), *[float(rest)] * (n - 1)]
    return [rows, math.fsum(-p * math.log(p) for p in shares if p > 0)]


def _targets(name: str, inputs: Any, hint: str) -> Case:
    return Case(name, inputs, _smoothed, hint, compare=NAMES)


SMOOTH_TARGETS = (
    _targets(
        "many rows, many classes",
        lambda rng: ([int(k) for k in rng.integers(0, 12, 20)], 12, float(rng.uniform(0.05, 0.4))),
        hint="Twenty rows and twelve classes, of which some have no row.",
    ),
    _targets(
        "an array of labels",
        lambda rng: (rng.integers(0, 3, 5), 7, 0.3),
        hint="The labels come as a NumPy array; the largest class has no row.",
    ),
    _targets(
        "small integers", lambda rng: (np.array([2, 0], dtype=np.uint8), 3, 0.1), hint="The labels are of type uint8."
    ),
    _targets(
        "nearly all given away", lambda rng: ([3], 4, 0.99), hint="eps is 0.99, so the target is close to uniform."
    ),
    _targets(
        "not smoothed at all, many rows", lambda rng: ([0, 4, 2, 2], 5, 0.0), hint="eps is 0, and the floor a number."
    ),
)
AUGMENT = (
    augment_case("few images, float64", "pixels", "Five images of type float64.", n=5, dtype="float64"),
    augment_case("a single image", "untouched", "One image, which the caller still needs.", n=1),
    augment_case("tall images", "pixels", "The images are taller than wide.", n=40, height=9, width=4),
    augment_case(
        "integer images keep their type", "form", "The pixels are integers from 1 to 16.", n=30, dtype="int64"
    ),
    augment_case(
        "a thousand draws", "draws", "A thousand images: each of the nine moves comes up about as often.", n=900
    ),
)


def _reported(track: str) -> tuple[Case, ...]:
    table: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (
            "more validation rows than training rows",
            "There are more validation rows than training rows.",
            {"val_rows": 15},
        ),
        ("a penalty without smoothing", "eps is 0, lam is not.", {"eps": 0.0, "lam": 0.3}),
        ("smoothing without a penalty", "lam is 0, eps is not.", {"lam": 0.0, "eps": 0.4}),
        ("a single row of each", "One training row, one validation row.", {"train_rows": 1, "val_rows": 1}),
    )
    if track == "pytorch":  # a Keras model has no mode to arrive in
        table += (("it arrives in evaluation mode", "The model arrives in evaluation mode.", {"training": False}),)
    return tuple(reported_case(track, name, hint, **how) for name, hint, how in table)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise, in one track."""
    return {
        "smooth_targets": SMOOTH_TARGETS,
        "augment": AUGMENT,
        "plain_and_reported": _reported(track),
        "chooser_hunt": (HUNT.case("all six together", "ABCDEF", hint="All six ways at once."),),
    }
