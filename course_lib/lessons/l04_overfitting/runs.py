"""Lesson 04: eight real runs to read, their picture, and what their numbers say about them.

The runs come from ``scripts/precompute_curves.py``. `verdict` reads a run as the lesson asks: the trend of
both losses first, then the accuracy; the gap alone decides nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, set_story, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = [
    "FALLS",
    "GOOD",
    "HOLDS",
    "LABELS",
    "UNDERFIT",
    "UNFINISHED",
    "StoredRun",
    "draw_runs",
    "eight_runs",
    "verdict",
]

UNDERFIT, UNFINISHED, GOOD = "underfit", "unfinished", "good"
HOLDS, FALLS = "overfit, accuracy holds", "overfit, accuracy falls"
LABELS = (UNDERFIT, UNFINISHED, GOOD, HOLDS, FALLS)

_FILE = Path(__file__).parent / "material" / "runs.json"
#: The last epochs, whose mean is taken so that no single noisy epoch decides.
_LAST = 5
#: Validation loss has turned when it ends this many times as high as its lowest value.
_TURNED = 1.2
#: It is still falling when the last epochs lie this far below those ten epochs earlier.
_FALLING = 0.94
#: Both losses are high when the training loss is still above this share of the loss of guessing.
_HIGH = 0.4
#: Accuracy has fallen when it ends this far below what it was at the lowest validation loss.
_FELL = 0.03


@dataclass(frozen=True)
class StoredRun:
    """One recorded run.

    Attributes
    ----------
    letter, data : str
        Its name in the picture, and the data it was trained on.
    guessing : float
        The loss of a model that gives every class the same probability, in nats.
    train_loss, val_loss, val_accuracy : arrays of shape (epochs,)
    """

    letter: str
    data: str
    guessing: float
    train_loss: NDArray[np.float64]
    val_loss: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]

    @property
    def gap(self) -> float:
        """Validation minus training loss over the last epochs."""
        return float(self.val_loss[-_LAST:].mean() - self.train_loss[-_LAST:].mean())

    @property
    def best(self) -> int:
        """The epoch of the lowest validation loss, from 1."""
        return int(self.val_loss.argmin()) + 1

    @property
    def accuracy_at_best(self) -> float:
        """Validation accuracy around the best epoch."""
        return float(self.val_accuracy[max(0, self.best - 3) : self.best + 2].mean())

    @property
    def last_accuracy(self) -> float:
        """Validation accuracy over the last epochs."""
        return float(self.val_accuracy[-_LAST:].mean())

    def describe(self) -> str:
        """Return the run in numbers, without a verdict."""
        train, val, half = self.train_loss, self.val_loss, len(self.val_loss) // 2 - 1
        return (
            f"{self.letter} ({self.data}, guessing costs {self.guessing:.2f}): training loss {train[0]:.2f} in epoch "
            f"1, {train[half]:.2f} half-way, {train[-1]:.2f} at the end; validation loss {val[0]:.2f}, {val[half]:.2f} "
            f"and {val[-1]:.2f}, lowest {val.min():.2f} in epoch {self.best}; its mean over the last ten epochs is "
            f"{val[-10:].mean():.2f}, over the ten before {val[-20:-10].mean():.2f}; validation accuracy "
            f"{self.accuracy_at_best:.2f} around the lowest loss, {self.last_accuracy:.2f} at the end"
        )


@cache
def eight_runs() -> dict[str, StoredRun]:
    """Return the eight runs by letter.

    Examples
    --------
    >>> list(eight_runs())
    ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']
    """
    stored = json.loads(_FILE.read_text(encoding="utf-8"))
    columns = ("train_loss", "val_loss", "val_accuracy")
    return {
        letter: StoredRun(letter, run["data"], run["guessing"], *(np.array(run[name]) for name in columns))
        for letter, run in stored.items()
    }


def verdict(run: StoredRun) -> str:
    """Read a run: one of `LABELS`.

    Examples
    --------
    >>> verdict(StoredRun("X", "made up", 2.3, *np.full((2, 40), 1.9), np.full(40, 0.2)))
    'underfit'
    """
    last = run.val_loss[-_LAST:].mean()
    if last > _TURNED * run.val_loss.min():
        return FALLS if run.last_accuracy < run.accuracy_at_best - _FELL else HOLDS
    if last < _FALLING * run.val_loss[-_LAST - 10 : -10].mean():
        return UNFINISHED
    return UNDERFIT if run.train_loss[-_LAST:].mean() > _HIGH * run.guessing else GOOD


@style()
def draw_runs() -> NDArray[np.object_]:
    """Draw the eight runs: losses above, validation accuracy below.

    Returns
    -------
    numpy.ndarray of matplotlib Axes, shape (4, 4)
        Pass it to `course_lib.plots.show`. The alternative text has the runs in numbers.
    """
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(4, 4, figsize=(9.6, 8.4), sharex=True, layout="constrained", height_ratios=[1.6, 1, 1.6, 1])
    for number, run in enumerate(eight_runs().values()):
        row, column = 2 * (number // 4), number % 4
        _draw_one(run, axes[row, column], axes[row + 1, column])
    axes[0, 0].legend(fontsize=7.5)
    for top in (0, 2):
        axes[top, 0].set_ylabel("loss (nats)")
        axes[top + 1, 0].set_ylabel("accuracy (share)")
    for ax in axes[3]:
        ax.set_xlabel("epoch")
    story = "Eight runs, each with its losses and its validation accuracy. "
    for ax in axes.ravel():
        set_story(ax, story + ". ".join(run.describe() for run in eight_runs().values()) + ".")
    return axes


def _draw_one(run: StoredRun, losses: Axes, accuracy: Axes) -> None:
    ends = np.arange(1, len(run.val_loss) + 1)
    losses.plot(ends - 0.5, run.train_loss, color=TRAIN.color, linestyle=TRAIN.linestyle, label="training")
    losses.plot(ends, run.val_loss, color=VALIDATION.color, linestyle=VALIDATION.linestyle, label="validation")
    losses.axhline(run.guessing, color="#555555", linestyle=":", linewidth=1.2, label="guessing")
    losses.set_ylim(0, 1.12 * max(run.guessing, run.val_loss.max()))
    losses.set_title(f"{run.letter}: {run.data}")
    accuracy.plot(ends, run.val_accuracy, color=VALIDATION.color, linestyle=VALIDATION.linestyle)
    accuracy.set_ylim(max(0.0, run.val_accuracy[4:].min() - 0.15), min(1.02, run.val_accuracy.max() + 0.1))
