"""Lesson 06: early stopping, one epoch at a time, with the rule that the course's trainers use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.lessons.l06_early_stopping.figures import BEST
from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas
from course_lib.plots import VALIDATION
from course_lib.plots.style import INK
from course_lib.training.early_stopping import EarlyStopping

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["early_stopping"]

EPOCHS = 30
TURNS, NOISY, STEADY, PLATEAU = "turns at epoch 9", "noisy", "slow and steady", "a plateau, then better"


@cache
def _curve(kind: str) -> NDArray[np.float64]:
    """Return a scripted validation loss of each epoch."""
    e = np.arange(1, EPOCHS + 1, dtype=np.float64)
    if kind == TURNS:
        return 0.5 + 0.6 * np.exp(-e / 3) + 0.012 * np.maximum(e - 9, 0)
    if kind == NOISY:
        return 0.5 + 0.6 * np.exp(-e / 4) + np.random.default_rng(5).normal(0, 0.03, EPOCHS)
    if kind == STEADY:
        return 0.8 - 0.004 * e
    return np.where(e < 8, 0.75 + 0.35 * np.exp(-e / 2), np.where(e < 16, 0.757, 0.52 + 0.235 * np.exp(-(e - 15) / 3)))


def _picture(values: Mapping[str, Any]) -> Scene:
    curve, epoch = _curve(values["curve"]), values["epoch"]
    rule = EarlyStopping(patience=values["patience"], min_delta=values["min_delta"])
    stopped = None
    for number in range(1, epoch + 1):
        if rule.step(float(curve[number - 1])):
            stopped = number
            break
    seen = stopped or epoch
    figure, (ax,) = canvas(1)
    ax.plot(range(1, EPOCHS + 1), curve, color="#767676", linewidth=0.8, label="not seen yet")
    ax.plot(
        range(1, seen + 1),
        curve[:seen],
        color=VALIDATION.color,
        linestyle=VALIDATION.linestyle,
        marker=VALIDATION.marker,
        label="validation loss so far",
    )
    best_epoch, best = rule.best_epoch or 1, rule.best if rule.best is not None else curve[0]
    ax.plot([best_epoch], [best], linestyle="none", label=f"best, epoch {best_epoch}", **BEST)
    needed = best - values["min_delta"]
    ax.axhline(needed, color=INK, linestyle=":", linewidth=1.2, label=f"counts if below {needed:.3f}")
    if stopped:
        ax.axvline(stopped, color=INK, linewidth=1.5, label=f"stops after epoch {stopped}")
    ax.set(xlabel="epoch", ylabel="validation loss", xlim=(0.5, EPOCHS + 0.5))
    ax.set_title(f"counter {rule.wait} of {values['patience']}")
    ax.legend(fontsize=8, loc="upper right")

    last = float(curve[seen - 1])
    if stopped:
        later = stopped - best_epoch
        words = f"It stops after epoch {stopped}, {later} epoch{'s' * (later != 1)} after the best one, {best_epoch}."
        lowest = int(curve.argmin()) + 1
        if curve[lowest - 1] < best - 1e-9 and lowest > stopped:
            words += f" It misses epoch {lowest}, whose loss is lower: {curve[lowest - 1]:.3f}."
        elif best_epoch != int(curve[:stopped].argmin()) + 1:
            words += " A lower loss came later, but it was not lower by more than min_delta."
    elif seen == 1:
        words = f"Epoch 1: {last:.3f}. The first loss always counts, so it is the best and the counter is 0."
    elif rule.improved and not values["min_delta"]:
        words = f"Epoch {seen}: {last:.3f} is better than every loss before, so it is the best and the counter is 0."
    elif rule.improved:
        words = f"Epoch {seen}: {last:.3f} is better by more than min_delta, so it is the best and the counter is 0."
    else:
        by = f" by more than min_delta, {values['min_delta']:g}" if values["min_delta"] else ""
        words = f"Epoch {seen}: {last:.3f} is no improvement on {best:.3f}{by}; "
        words += f"the counter is {rule.wait} of {values['patience']}."
    if not stopped and epoch == EPOCHS:
        words += " The run reaches its last epoch without stopping."
    shown = f"stopped at {stopped}" if stopped else str(seen)
    rows = [("epoch", shown), ("best epoch", str(best_epoch)), ("best loss", f"{best:.3f}")]
    rows += [
        ("counter", f"{rule.wait} of {values['patience']}"),
        ("stopped", f"after epoch {stopped}" if stopped else "no"),
    ]
    alt = (
        f"Validation loss over epochs 1 to {seen} of {EPOCHS}; a star marks the best that counted, {best:.3f} at "
        f"epoch {best_epoch}; the last is {last:.3f}."
    )
    return Scene(figure, alt, words, rows)


def early_stopping() -> Explorer:
    """Step through a validation curve and watch the counter, the best epoch and the stop.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> early_stopping().answer({"epoch": 30, "patience": 3}).words
    'Epoch 30 (was 1). It stops after epoch 12, 3 epochs after the best one, 9.'
    """
    return Explorer(
        "Early stopping, one epoch at a time",
        [
            Slider("epoch", "Epoch", list(range(1, EPOCHS + 1)), 1, steps=True),
            Slider("patience", "Patience", [1, 2, 3, 4, 5, 7, 8, 10], 3, "epochs"),
            Slider("min_delta", "min_delta", [0.0, 0.001, 0.005, 0.01, 0.02, 0.05], 0.0),
            Choice("curve", "Curve", [TURNS, NOISY, STEADY, PLATEAU], TURNS),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "early_stopping.json.gz",
    )
