"""Lesson 07, `smoother_hunt`: six ways to smooth a curve, and two tests for those that draw what never happened.

No list of right letters is kept: each way is run on a flat curve and on a sudden fall. It misleads if the flat curve is
bent, or if most of the fall is drawn before it happens.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from course_lib.checks.letters import Hunt

__all__ = ["HUNT", "SMOOTHERS", "SMOOTHER_HUNT", "measured", "misleads"]

#: The code of each way, as the lesson shows it: from ``losses``, an array, to ``steps`` and ``shown``.
SMOOTHERS: dict[str, str] = {
    "A": """\
ema, shown = 0.0, []
for n, loss in enumerate(losses, start=1):
    ema = 0.9 * ema + 0.1 * loss
    shown.append(ema / (1 - 0.9**n))
steps = np.arange(1, len(losses) + 1)
""",
    "B": """\
ema, shown = 0.0, []
for loss in losses:
    ema = 0.9 * ema + 0.1 * loss
    shown.append(ema)
steps = np.arange(1, len(losses) + 1)
""",
    "C": """\
shown = np.convolve(losses, np.ones(9) / 9, mode="same")
steps = np.arange(1, len(losses) + 1)
""",
    "D": """\
shown = np.convolve(losses, np.ones(9) / 9, mode="valid")
steps = np.arange(len(shown)) + 5
""",
    "E": """\
shown = np.convolve(losses, np.ones(9) / 9, mode="valid")
steps = np.arange(len(shown)) + 1
""",
    "F": """\
shown = [np.median(losses[max(0, k - 4) : k + 5]) for k in range(len(losses))]
steps = np.arange(1, len(losses) + 1)
""",
}
#: The step at which the test curve falls from 2 to 1, and how many steps it has.
FALL, STEPS = 50, 100


def _run(letter: str, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    names: dict[str, Any] = {"np": np, "losses": losses}
    exec(SMOOTHERS[letter], names)
    return np.asarray(names["steps"], float), np.asarray(names["shown"], float)


@cache
def _tests(letter: str) -> tuple[float, float]:
    """Return the largest error on a flat curve of 1, and how much of a fall of 1 is drawn before its step."""
    _, flat = _run(letter, np.ones(STEPS))
    steps, shown = _run(letter, np.where(np.arange(1, STEPS + 1) < FALL, 2.0, 1.0))
    before = (steps < FALL) & (steps > FALL - 9)  # further away, the ends of the curve would be measured
    return float(np.abs(flat - 1).max()), float((2 - shown[before]).max())


def misleads(letter: str) -> bool:
    """Tell whether a way bends a flat curve, or draws most of a fall before it happens.

    Examples
    --------
    >>> [letter for letter in "AB" if misleads(letter)]
    ['B']
    """
    bent, early = _tests(letter)
    return bent > 1e-6 or early > 0.5


def measured(letter: str) -> str:
    """Say what both tests gave for a way."""
    bent, early = _tests(letter)
    of_flat = "leaves a flat curve as it is" if bent <= 1e-6 else f"draws a flat curve of 1 as low as {1 - bent:.2f}"
    return f"We ran {letter}: it {of_flat}, and draws {max(0.0, early):.0%} of a sudden fall before it happens"


HUNT = Hunt("smoother_hunt", "misleading", "ways", "mislead", misleads, measured)
SMOOTHER_HUNT = HUNT.exercise(
    points=2,
    mistakes=tuple(
        ("smoother_thought_harmless" if misleads(letter) else "smoother_accused", letter) for letter in SMOOTHERS
    ),
)
