"""Lesson 01: the probability given to the correct class, and the cross-entropy it costs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas
from course_lib.plots.style import CYCLE

__all__ = ["confidence"]

CLASSES = 5
PROBABILITIES = [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999]
#: Neither is a training or a validation loss, so neither has their colors.
_CURVE, _STAR = CYCLE[2].color, CYCLE[3].color
SHARED, ONE = "shared by all others", "on one wrong class"


def _probabilities(right: float, rest: str) -> np.ndarray:
    """Return the probabilities of five classes, of which number 2 is right."""
    p = np.full(CLASSES, (1 - right) / (CLASSES - 1))
    if rest == ONE:
        p[:] = 0
        p[4] = 1 - right
    p[2] = right
    return p


def _picture(values: Mapping[str, Any]) -> Scene:
    right, rest = values["right"], values["rest"]
    p = _probabilities(right, rest)
    loss = float(-np.log(right))
    best = p.max()
    winner = int(p.argmax())
    first = np.flatnonzero(np.isclose(p, best))  # the classes that share first place
    verdict = "wrong" if 2 not in first else "a tie" if len(first) > 1 else "right"
    figure, (left, curve) = canvas(2)

    bars = left.bar(range(CLASSES), p, color="#BBBBBB", edgecolor="#333333")
    bars[2].set(facecolor=_CURVE, hatch="//", edgecolor="white")
    if verdict == "wrong":
        for winning in first:
            bars[winning].set(facecolor="#555555")
    for k, value in enumerate(p):
        left.text(k, value + 0.02, f"{value:.3g}", ha="center", fontsize=9)
    left.set(ylim=(0, 1.1), xlabel="class (2, hatched, is the correct one)", ylabel="probability given")
    mark = {"right": "✓ ", "wrong": "✗ "}.get(verdict, "")
    left.set_title(f"{mark}the answer is {verdict}")

    grid = np.geomspace(0.0008, 1, 300)
    curve.plot(grid, -np.log(grid), color=_CURVE)
    curve.axhline(np.log(CLASSES), color="#555555", linestyle=":", linewidth=1.2)
    curve.text(
        0.98, np.log(CLASSES) + 0.12, f"knowing nothing: ln {CLASSES} = {np.log(CLASSES):.2f}", ha="right", fontsize=8
    )
    star: dict[str, Any] = {"marker": "*", "markersize": 15, "color": _STAR, "linestyle": "none"}
    curve.plot([right], [loss], clip_on=False, zorder=5, **star)
    curve.set(xlim=(0, 1.02), ylim=(0, 7.3), xlabel="probability of the correct class", ylabel="cross-entropy (nats)")
    curve.set_title(f"loss −ln {right:g} = {loss:.3f}")

    words = f"The loss is −ln {right:g} = {loss:.3f}, and the answer is {verdict}."
    if verdict == "wrong" and len(first) > 1:
        words = words.removesuffix(".") + f" ({len(first)} classes tie for first place, none of them right)."
    elif verdict == "wrong" and best >= 0.9:
        words += f" Confident and wrong: class {winner} got {best:.3g}."
        words += f" Accuracy counts one mistake, the loss {loss:.1f} nats."
    elif verdict == "right" and loss > 0.7:
        words += " Accuracy counts it as right; the loss still asks for more confidence."
    elif loss < 0.02:
        words += " From here on, more confidence gains almost nothing."
    elif rest == ONE and 0.1 <= right < 0.5:
        words += " Where the rest goes changes the answer but not the loss: only the correct class counts."
    alt = (
        f"Left: bars of the probabilities of {CLASSES} classes, {right:g} for the correct one, {best:.3g} at most; "
        f"the answer is {verdict}. "
        f"Right: the curve −ln p falls steeply from 7 at p = 0.001 to 0 at p = 1; the star is at {loss:.2f}."
    )
    return Scene(figure, alt, words)


def confidence() -> Explorer:
    """Explore what a probability of the correct class costs, and that accuracy sees less than the loss.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> confidence().answer({"right": 0.5}).words
    'Probability of the correct class 0.5 (was 0.7). The loss is −ln 0.5 = 0.693, and the answer is right.'
    """
    return Explorer(
        "Confidence and cross-entropy",
        [
            Slider("right", "Probability of the correct class", PROBABILITIES, 0.7),
            Choice("rest", "The rest is", [SHARED, ONE], SHARED),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "confidence.json.gz",
    )
