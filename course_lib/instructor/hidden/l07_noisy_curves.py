"""Lesson 07, noisy curves: the hidden cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.checks.compare import Compare, Matches, close
from course_lib.lessons.l07_noisy_curves.smoother_hunt import HUNT

__all__ = ["hidden_cases"]

NAN, INF = math.nan, math.inf


#: A case's name, its inputs, and the hint.
_Row = tuple[str, Callable[[np.random.Generator], tuple[Any, ...]], str]


def _cases(right: Callable[..., Any], compare: Compare, *rows: _Row) -> tuple[Case, ...]:
    """Return the cases that one function gives the right results of."""
    return tuple(Case(name, inputs, right, hint, compare=compare) for name, inputs, hint in rows)


def _smoothed(values: Sequence[float], beta: float) -> list[float]:
    """Return the exponential average by its definition: weights beta^0, beta^1, … of the finite values so far."""
    shown: list[float] = []
    finite: list[float] = []
    for value in values:
        if math.isfinite(value):
            finite.append(value)
            weights = beta ** np.arange(len(finite))[::-1]
            shown.append(float(np.average(finite, weights=weights)))
        else:
            shown.append(value)
    return shown


def _noisy(rng: np.random.Generator, n: int) -> list[float]:
    return [float(v) for v in 2.0 / np.arange(1, n + 1) ** 0.3 + rng.normal(0, 0.2, n)]


def _with_gaps(rng: np.random.Generator) -> tuple[list[float], float]:
    values = _noisy(rng, 12)
    for place, gap in zip(rng.permutation(11)[:3] + 1, (NAN, INF, -INF), strict=True):
        values[place] = gap
    return values, float(rng.choice([0.6, 0.8]))


SMOOTH = _cases(
    _smoothed,
    close,
    (
        "a long noisy curve",
        lambda rng: (_noisy(rng, 60), float(rng.choice([0.9, 0.95]))),
        "The curve is long, and beta close to 1: every earlier value still counts a little.",
    ),
    (
        "several values that are not finite",
        _with_gaps,
        "There are NaN and infinities of both signs. They stay where they are, and change nothing after them.",
    ),
    (
        "not finite from the start, twice",
        lambda rng: ([NAN, INF, *_noisy(rng, 5)], 0.7),
        "The first two values are not finite, so the third is the first that counts.",
    ),
    (
        "losses of exactly 0, and negative ones",
        lambda rng: ([0.0, float(rng.uniform(0.5, 1)), 0.0, float(rng.uniform(-2, -1)), 0.0], 0.5),
        "Some losses are exactly 0 or below, as a log-likelihood can be. They are values like any other.",
    ),
    (
        "whole numbers",
        lambda rng: ([int(v) for v in rng.permutation([1, 4, 9, 2])], 0.5),
        "The losses are whole numbers; the averages are fractions all the same.",
    ),
    ("an array", lambda rng: (np.array(_noisy(rng, 8)), 0.75), "The losses come as a NumPy array."),
)


def _centred(values: Sequence[float], window: int) -> list[list[float]]:
    count = max(0, len(values) - window + 1)
    steps = [sum(range(k + 1, k + window + 1)) / window for k in range(count)]
    return [steps, [math.fsum(values[k : k + window]) / window for k in range(count)]]


def _gap(rng: np.random.Generator) -> tuple[list[float], int]:
    values = _noisy(rng, 11)
    values[int(rng.integers(3, 7))] = NAN
    return values, 4


CENTRED_MEAN = _cases(
    _centred,
    Matches(names=("steps", "means")),
    ("a long curve, an odd window", lambda rng: (_noisy(rng, 40), 9), "40 losses and a window of 9."),
    (
        "a long curve, an even window",
        lambda rng: (_noisy(rng, 30), 8),
        "The window is even, so its middle lies between two steps.",
    ),
    ("a NaN", _gap, "One loss is NaN; most windows are without it."),
    (
        "a window one longer than the series",
        lambda rng: (_noisy(rng, 5), 6),
        "There is no whole window, so there is no point.",
    ),
    (
        "whole numbers, and zeros",
        lambda rng: ([int(v) for v in rng.permutation([0, 3, 0, 8, 1, 0])], 4),
        "The losses are whole numbers, and some are exactly 0.",
    ),
    ("an array", lambda rng: (np.array(_noisy(rng, 9)), 3), "The losses come as a NumPy array."),
)


def _paired(a: Sequence[float], b: Sequence[float]) -> list[float]:
    n = len(a)
    differences = [y - x for x, y in zip(a, b, strict=True)]
    mean = math.fsum(differences) / n
    if n == 1:
        return [mean, NAN, NAN]
    spread = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (n - 1))
    seeds = INF if mean == 0 else max(2, math.ceil((2.8 * spread / mean) ** 2))
    return [mean, spread / math.sqrt(n), seeds]


def _runs(rng: np.random.Generator, n: int, gain: float, own: float) -> tuple[list[float], list[float]]:
    """Return losses of two setups that share what the seed does, and differ by a gain and some noise of their own."""
    shared = rng.normal(0.5, 0.1, n)
    a, b = shared, shared + gain + rng.normal(0, own, n)
    return [float(v) for v in a], [float(v) for v in b]


PAIRED_COMPARISON = _cases(
    _paired,
    Matches(names=("difference", "standard_error", "seeds_needed")),
    (
        "twelve seeds, b lower",
        lambda rng: _runs(rng, 12, -0.02, 0.01),
        "Twelve seeds; the second setup is a little better.",
    ),
    (
        "five seeds, b higher",
        lambda rng: _runs(rng, 5, 0.05, 0.06),
        "Five seeds; the second setup is worse, and the differences vary.",
    ),
    (
        "two seeds",
        lambda rng: _runs(rng, 2, 0.03, 0.01),
        "Two seeds are the fewest that say anything about the spread.",
    ),
    ("a single seed", lambda rng: _runs(rng, 1, 0.03, 0.01), "One pair of losses has a difference, and no spread."),
    (
        "equal means",
        lambda rng: ([0.25, 0.5, 0.75, 1.0], [0.5, 0.25, 1.0, 0.75]),
        "The setups differ seed by seed, and not on average.",
    ),
    (
        "arrays",
        lambda rng: tuple(map(np.array, _runs(rng, 7, -0.04, 0.03))),
        "The losses come as NumPy arrays.",
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise; both tracks have the same."""
    return {
        "smooth": SMOOTH,
        "centred_mean": CENTRED_MEAN,
        "paired_comparison": PAIRED_COMPARISON,
        "smoother_hunt": (HUNT.case("all six together", "ABCDEF", hint="All six ways at once."),),
    }
