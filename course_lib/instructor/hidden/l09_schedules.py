"""Lesson 09, learning-rate schedules: the hidden cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l09_schedules.cosine_with_warmup import schedule_case
from course_lib.lessons.l09_schedules.plateau_cuts import cuts_case
from course_lib.lessons.l09_schedules.resume_hunt import hunt

__all__ = ["hidden_cases"]

NAN, INF = math.nan, math.inf


def _rates(steps: list[int], total: int, warmup: int, peak: float, floor: float) -> list[float]:
    """Return the rates of a whole schedule by its points, and of these steps in it."""
    rise = peak * np.arange(1, warmup + 1) / (warmup + 1)
    fall = floor + (peak - floor) * np.cos(np.linspace(0, math.pi / 2, total - warmup + 1)) ** 2
    whole = np.concatenate([rise, fall])
    return [float(whole[min(step, total)]) for step in steps]


def _run(rng: np.random.Generator) -> tuple[Any, ...]:
    total, warmup = int(rng.integers(300, 500)), int(rng.integers(20, 60))
    return sorted({*rng.integers(0, total + 20, 30).tolist(), 0, warmup - 1, warmup, total - 1}), total, warmup


COSINE = (
    schedule_case(
        "a long run",
        lambda rng: (*_run(rng), 0.003, 0.0003),
        _rates,
        hint="Hundreds of steps, a warm-up and a floor; some steps lie past the end.",
    ),
    schedule_case(
        "a single step after the warm-up",
        lambda rng: ([0, 1, 2, 3, 4, 5], 4, 3, float(rng.uniform(1, 2)), 0.25),
        _rates,
        hint="The decay has a single step.",
    ),
    schedule_case(
        "a run of one step",
        lambda rng: ([0, 1, 2], 1, 0, float(rng.uniform(0.1, 0.2)), 0.01),
        _rates,
        hint="One step in all, and no warm-up.",
    ),
    schedule_case(
        "whole numbers for the rates",
        lambda rng: ([0, 1, 2, 3, 4, 5, 6], 6, 2, int(rng.integers(3, 6)), 1),
        _rates,
        hint="Peak and floor are whole numbers; the rates are not.",
    ),
    schedule_case(
        "backwards",
        lambda rng: (list(range(12, -1, -1)), 10, 4, float(rng.uniform(0.1, 1)), 0.0),
        _rates,
        hint="The steps are asked for in another order.",
    ),
)


def _cuts(losses: list[float], patience: int, convention: str, threshold: float, cooldown: int) -> list[int]:
    """Return the cuts, with a cooldown as the epoch from which bad epochs count again."""
    best, bad, counts_from, found = losses[0], 0, 0, []
    for epoch, loss in enumerate(losses[1:], start=2):
        line = best - threshold * (best if convention == "torch" else 1)
        if loss < line:
            best, bad = loss, 0
        elif epoch >= counts_from:
            bad += 1
        if bad == (patience + 1 if convention == "torch" else max(patience, 1)):
            found.append(epoch)
            bad, counts_from = 0, epoch + max(1, cooldown + (convention == "torch"))
    return found


def _noisy(rng: np.random.Generator, n: int = 40) -> list[float]:
    """Return a falling curve with noise, on a grid of 1/64."""
    curve = 2 * np.exp(-np.arange(n) / 10) + 0.5 + rng.normal(0, 0.08, n)
    return [float(v) for v in np.round(64 * curve) / 64]


def _with_nan(rng: np.random.Generator) -> list[float]:
    curve = _noisy(rng)
    for place in rng.permutation(np.arange(1, 40))[:8]:
        curve[place] = NAN
    return curve


def _down_in_steps(rng: np.random.Generator) -> list[float]:
    """Return a curve that improves while a cooldown of four epochs lasts, some epochs after each cut."""
    curve, best = [4.0], 4.0
    for _ in range(5):
        curve += [best + 0.5] * int(rng.integers(2, 5))
        best -= 0.5
        curve += [best, *(best + 0.25 for _ in range(int(rng.integers(1, 3)))), best + 0.125]
    return curve


def _tied(rng: np.random.Generator) -> list[float]:
    return [1.0, *rng.permutation([0.5, 0.5, 0.5, 0.5, 0.75, 0.25]).tolist(), 0.25, 0.25, 0.25]


def _to_zero(rng: np.random.Generator) -> list[float]:
    return [float(rng.uniform(1, 2)), 0.0, 0.5, 0.0, 0.25, 0.5, 0.0, 0.0, 0.5]


def _hint(words: str, convention: str) -> str:
    return f"{words} The convention is {convention}."


_CURVES: tuple[tuple[str, Any, int, dict[str, Any], str], ...] = (
    ("a noisy curve", _noisy, 2, {}, "Forty noisy epochs."),
    ("a noisy curve, cooldown", _noisy, 1, {"cooldown": 3}, "Forty noisy epochs and a cooldown."),
    ("down in steps", _down_in_steps, 1, {"cooldown": 4}, "The loss goes down in steps, with a long cooldown."),
    ("a cooldown of one epoch", _noisy, 0, {"cooldown": 1}, "Patience 0, and the shortest cooldown."),
    ("NaN here and there", _with_nan, 2, {"cooldown": 1}, "Some losses are NaN."),
    ("a noisy curve, large threshold", _noisy, 2, {"threshold": 0.15625}, "The threshold is large."),
    ("no threshold, many ties", _tied, 1, {"threshold": 0.0}, "Some losses are equal, and there is no threshold."),
    ("a loss of exactly 0", _to_zero, 1, {}, "The best loss is exactly 0."),
    ("a single epoch", lambda rng: [float(rng.uniform(1, 2))], 0, {}, "There is one epoch."),
)

PLATEAU = tuple(
    cuts_case(f"{name}, {convention}", curve, patience, convention, _cuts, hint=_hint(hint, convention), **settings)
    for name, curve, patience, settings, hint in _CURVES
    for convention in ("torch", "keras")
)


def _suggested(rates: Any, losses: Any, window: int) -> float:
    """Return a tenth of the rate in the middle of the lowest window, from cumulative sums."""
    values = np.asarray(losses, dtype=float)
    bad = np.flatnonzero(~np.isfinite(values))
    values = values[: bad[0]] if len(bad) else values
    if len(values) < window:
        return NAN
    sums = np.convolve(values, np.ones(window), "valid")
    lowest = int(np.flatnonzero(sums <= sums.min() + 1e-9)[0])
    return float(rates[lowest + (window - 1) // 2]) / 10


def _tested(rng: np.random.Generator, n: int = 60) -> tuple[list[float], list[float]]:
    rates = [float(r) for r in np.geomspace(1e-4, 10, n)]
    turn = n * 0.7
    curve = 2.3 - 1.6 / (1 + np.exp(-(np.arange(n) - turn + 10) / 3)) + np.maximum(0, np.arange(n) - turn) ** 2 * 0.05
    return rates, [float(v) for v in curve + rng.normal(0, 0.15, n)]


def _blown_up(rng: np.random.Generator, bad: float) -> tuple[list[float], list[float]]:
    rates, losses = _tested(rng)
    return rates, [*losses[:50], bad, *([0.1] * 9)]


RANGE = (
    Case(
        "sixty noisy losses",
        lambda rng: (*_tested(rng), 9),
        _suggested,
        hint="Sixty noisy losses and a window of 9.",
    ),
    Case(
        "an infinite loss near the end",
        lambda rng: (*_blown_up(rng, INF), 7),
        _suggested,
        hint="The losses blow up; what comes after that is of no use.",
    ),
    Case(
        "a NaN near the end",
        lambda rng: (*_blown_up(rng, NAN), 5),
        _suggested,
        hint="There is a NaN near the end.",
    ),
    Case(
        "as many losses as the window is wide",
        lambda rng: ([1e-3, 1e-2, 0.1, 1.0, 10.0], [*rng.uniform(1, 2, 5).tolist()], 5),
        0.01,
        hint="The window covers the whole test.",
    ),
    Case(
        "one finite loss too few",
        lambda rng: ([1e-3, 1e-2, 0.1, 1.0, 10.0], [*rng.uniform(1, 2, 4).tolist(), INF], 5),
        NAN,
        hint="There is no whole window of finite losses.",
    ),
    Case(
        "NaN from the start",
        lambda rng: ([1e-3, 1e-2, 0.1], [NAN, 1.0, 0.5], 1),
        NAN,
        hint="Not even the first loss is finite.",
    ),
    Case(
        "losses of exactly 0, and below",
        lambda rng: ([0.5**k for k in range(10, 0, -1)], [1.0, 0.5, 0.0, -2.0, -1.0, -1.5, 0.5, 1.0, 3.0, 9.0], 3),
        _suggested,
        hint="A loss may be 0 or below.",
    ),
    Case(
        "arrays",
        lambda rng: (*(np.array(row) for row in _tested(rng, 40)), 3),
        _suggested,
        hint="Rates and losses come as NumPy arrays.",
    ),
    Case(
        "whole numbers",
        lambda rng: ([1, 2, 4, 8, 16], [9, 6, int(rng.integers(1, 3)), 5, 9], 3),
        0.4,
        hint="Rates and losses are whole numbers.",
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "cosine_with_warmup": COSINE,
        "plateau_cuts": PLATEAU,
        "range_test": RANGE,
        "resume_hunt": (hunt(track).case("all six together", "ABCDEF", hint="All six ways at once."),),
    }
