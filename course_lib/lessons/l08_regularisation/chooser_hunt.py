"""Lesson 08, `chooser_hunt`: six ways to choose a regularizer's strength, and a test for those that choose wrongly.

No list of right letters is kept: each way is run on several tables of runs. It misleads if on any of them it chooses
another run than the one with the lowest plain validation loss.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from course_lib.checks.letters import Hunt

__all__ = ["CHOOSERS", "CHOOSER_HUNT", "HUNT", "measured", "misleads", "table"]

#: The code of each way, as the lesson shows it.
CHOOSERS: dict[str, str] = {
    "A": """\
best = np.argmin(val_loss)
""",
    "B": """\
best = np.argmin(val_loss - penalty)
""",
    "C": """\
best = np.argmin(np.exp(val_rows.mean(axis=1)))
""",
    "D": """\
gap = val_rows.mean(axis=1) - train_ce
best = np.argmin(np.abs(gap))
""",
    "E": """\
best = np.argmin(val_smoothed)
""",
    "F": """\
best = np.argmin(val_rows.mean(axis=1) / np.log(2))
""",
}
TABLES = 20
RUNS, ROWS = 6, 50


def table(seed: int) -> dict[str, np.ndarray]:
    """Return what is known of six runs from the weakest regularization to the strongest.

    The row losses fall and rise again, the penalty shrinks, the gap closes, and each run was smoothed more than the one
    before it: what each of these does as regularization becomes stronger.
    """
    rng = np.random.default_rng(seed)
    strength = np.arange(RUNS)
    level = 0.3 + 0.04 * (strength - rng.uniform(1, 3)) ** 2
    val_rows = rng.gamma(1.0, level[:, None], (RUNS, ROWS))
    val_ce = val_rows.mean(axis=1)
    penalty = 0.8 * np.exp(-0.5 * strength) + 0.02
    eps = 0.04 * strength
    spread = 2.0 + rng.uniform(0, 0.2, RUNS)  # what the smoothed part adds, for a network that is not uniform
    return {
        "train_ce": val_ce - 0.35 * np.exp(-0.6 * strength) * rng.uniform(0.8, 1.2, RUNS),
        "val_rows": val_rows,
        "penalty": penalty,
        "val_loss": val_ce + penalty,
        "val_smoothed": val_ce + eps * spread,
    }


@cache
def _misses(letter: str) -> int:
    """Return on how many tables a way chooses another run than the one with the lowest plain validation loss."""
    missed = 0
    for seed in range(TABLES):
        known = table(seed)
        names: dict[str, Any] = {"np": np, **known}
        exec(CHOOSERS[letter], names)
        missed += int(names["best"]) != int(known["val_rows"].mean(axis=1).argmin())
    return missed


def misleads(letter: str) -> bool:
    """Tell whether a way ever chooses another run than the one with the lowest plain validation loss.

    Examples
    --------
    >>> [letter for letter in "AB" if misleads(letter)]
    ['A']
    """
    return _misses(letter) > 0


def measured(letter: str) -> str:
    """Say how a way did."""
    missed = _misses(letter)
    found = f"chose another run in {missed} of them" if missed else "chose that run every time"
    return f"We ran {letter} on {TABLES} tables and looked for the lowest plain validation loss: it {found}"


HUNT = Hunt("chooser_hunt", "misleading", "ways", "mislead", misleads, measured)
CHOOSER_HUNT = HUNT.exercise(
    points=2,
    mistakes=tuple(
        ("chooser_thought_harmless" if misleads(letter) else "chooser_accused", letter) for letter in CHOOSERS
    ),
)
