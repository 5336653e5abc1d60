"""Lesson 04: twelve real runs to read, their picture, and what their numbers say about them.

The runs come from ``scripts/precompute_curves.py``. `verdict` reads a run as the lesson asks: first whether it is
sick, then the trend of both losses, then the accuracy; the gap alone decides nothing.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, set_story, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["LABELS", "SICK", "Label", "StoredRun", "draw_runs", "runs_in_words", "stored_runs", "verdict"]


class Label:
    """What a run may be called."""

    UNDERFIT, UNFINISHED, GOOD = "underfit", "unfinished", "good"
    HOLDS, FALLS = "overfit, accuracy holds", "overfit, accuracy falls"
    NEVER, OSCILLATES, EXPLODES, NO_NUMBER = "never learns", "oscillates", "explodes", "not a number"


SICK = (Label.NEVER, Label.OSCILLATES, Label.EXPLODES, Label.NO_NUMBER)
LABELS = (Label.UNDERFIT, Label.UNFINISHED, Label.GOOD, Label.HOLDS, Label.FALLS, *SICK)

_FILE = Path(__file__).parent / "material" / "runs.json"
#: The last epochs, whose mean is taken so that no single noisy epoch decides.
_LAST = 5
#: Validation loss has turned when it ends this many times as high as its lowest value.
_TURNED = 1.2
#: It is still falling when the last epochs lie this far below those ten epochs earlier.
_FALLING = 0.94
#: Both losses are high when the training loss is still above this share of the loss of guessing.
_HIGH = 0.4
#: A training loss that never came below this share of the loss of guessing learned nothing.
_NOTHING = 0.9
#: A training loss that ends above so many times the loss of guessing explodes.
_EXPLODED = 3.0
#: Validation loss oscillates when, over the last epochs, it changes from one to the next by this share of its mean.
_JUMPS, _LATE = 0.12, 30
#: Losses are drawn on a logarithmic axis above this.
_LOG_ABOVE = 50.0
#: Accuracy has fallen when it ends this far below what it was at the lowest validation loss.
_FELL = 0.03


@dataclass(frozen=True)
class StoredRun:
    """One recorded run.

    Attributes
    ----------
    letter, data : str
        Its name in the picture, and the data it was trained on.
    rows : int
        How many training rows.
    guessing : float
        The loss of a model that gives every class the same probability, in nats.
    train_loss, val_loss, val_accuracy : arrays of shape (epochs,)
        NaN where there was no finite number.
    """

    letter: str
    data: str
    rows: int
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
        return int(np.nanargmin(self.val_loss)) + 1

    @property
    def numbers_end(self) -> int:
        """The last epoch up to which both losses are numbers."""
        lost = ~np.isfinite(self.train_loss + self.val_loss)
        return int(lost.argmax()) if lost.any() else len(lost)

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
        end = self.numbers_end
        train, val, half = self.train_loss[:end], self.val_loss[:end], end // 2 - 1
        until = "at the end" if end == len(self.train_loss) else f"in epoch {end}"
        story = (
            f"{self.letter} ({self.data}, {self.rows} rows, guessing costs {self.guessing:.2f}): training loss "
            f"{_said(train[0])} in epoch 1, {_said(train[half])} in epoch {half + 1}, {_said(train[-1])} {until}; "
            f"validation loss {_said(val[0])}, {_said(val[half])} and {_said(val[-1])}, lowest {_said(val.min())} in "
            f"epoch {self.best}; "
        )
        if end < len(self.train_loss):
            return f"{story}from epoch {end + 1} on there are no numbers"
        steps = np.abs(np.diff(val[-_LATE:])).mean()
        return (
            f"{story}its mean over the last ten epochs is {_said(val[-10:].mean())}, over the ten before "
            f"{_said(val[-20:-10].mean())}, and from one epoch to the next it changes by {_said(steps)} on average "
            f"late in the run; validation accuracy {self.accuracy_at_best:.2f} around the lowest loss, "
            f"{self.last_accuracy:.2f} at the end"
        )


def _said(loss: float) -> str:
    return f"{loss:.2f}" if abs(loss) < 1000 else f"{loss:.1e}"


@cache
def stored_runs() -> dict[str, StoredRun]:
    """Return the twelve runs by letter.

    Examples
    --------
    >>> "".join(stored_runs())
    'ABCDEFGHIJKL'
    """
    stored = json.loads(_FILE.read_text(encoding="utf-8"))
    columns = ("train_loss", "val_loss", "val_accuracy")
    return {
        letter: StoredRun(
            letter, run["data"], run["rows"], run["guessing"], *(np.array(run[name], dtype=float) for name in columns)
        )
        for letter, run in stored.items()
    }


def runs_in_words() -> Any:
    """Return all runs in numbers as an output that is folded until somebody opens it."""
    from IPython.display import HTML

    runs = "".join(f"<p>{html.escape(run.describe())}.</p>" for run in stored_runs().values())
    return HTML(f"<details><summary>The twelve runs in numbers</summary>{runs}</details>")  # type: ignore[no-untyped-call]


def _sickness(run: StoredRun) -> str | None:
    """Return which of `SICK` a run is, the plainest sign first, or None."""
    if run.numbers_end < len(run.train_loss):
        return Label.NO_NUMBER
    if run.train_loss[-_LAST:].mean() > _EXPLODED * run.guessing:
        return Label.EXPLODES
    if run.train_loss.min() > _NOTHING * run.guessing:
        return Label.NEVER
    late = run.val_loss[-_LATE:]
    return Label.OSCILLATES if np.abs(np.diff(late)).mean() > _JUMPS * late.mean() else None


def verdict(run: StoredRun) -> str:
    """Read a run: one of `LABELS`.

    Examples
    --------
    >>> verdict(StoredRun("X", "made up", 100, 2.3, *np.full((2, 40), 1.9), np.full(40, 0.2)))
    'underfit'
    """
    sick = _sickness(run)
    if sick is not None:
        return sick
    last = run.val_loss[-_LAST:].mean()
    if last > _TURNED * run.val_loss.min():
        return Label.FALLS if run.last_accuracy < run.accuracy_at_best - _FELL else Label.HOLDS
    if last < _FALLING * run.val_loss[-_LAST - 10 : -10].mean():
        return Label.UNFINISHED
    return Label.UNDERFIT if run.train_loss[-_LAST:].mean() > _HIGH * run.guessing else Label.GOOD


@style()
def draw_runs(letters: str) -> NDArray[np.object_]:
    """Draw six runs: losses above, validation accuracy below.

    Parameters
    ----------
    letters : str
        Which runs, such as ``"ABCDEF"``.

    Returns
    -------
    numpy.ndarray of matplotlib Axes, shape (4, 3)
        Pass it to `course_lib.plots.show`. The alternative text has the runs in numbers.
    """
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(4, 3, figsize=(8.3, 8.2), sharex=True, layout="constrained", height_ratios=[1.7, 1, 1.7, 1])
    drawn = [stored_runs()[letter] for letter in letters]
    for number, run in enumerate(drawn):
        row, column = 2 * (number // 3), number % 3
        _draw_losses(run, axes[row, column])
        _draw_accuracy(run, axes[row + 1, column])
    axes[0, 0].legend(fontsize=8)
    for top in (0, 2):
        axes[top, 0].set_ylabel("loss (nats)")
        axes[top + 1, 0].set_ylabel("accuracy (share)")
    for ax in axes[3]:
        ax.set_xlabel("epoch")
    story = f"{len(drawn)} runs, each with its losses and its validation accuracy. "
    for ax in axes.ravel():
        set_story(ax, story + ". ".join(run.describe() for run in drawn) + ".")
    return axes


def _draw_losses(run: StoredRun, ax: Axes) -> None:
    ends = np.arange(1, len(run.val_loss) + 1)
    ax.plot(ends - 0.5, run.train_loss, color=TRAIN.color, linestyle=TRAIN.linestyle, label="training")
    ax.plot(ends, run.val_loss, color=VALIDATION.color, linestyle=VALIDATION.linestyle, label="validation")
    ax.axhline(run.guessing, color="#555555", linestyle=":", linewidth=1.2, label="guessing")
    top = max(run.guessing, np.nanmax(run.val_loss[2:]))  # a first epoch far above it would flatten the rest
    if top > _LOG_ABOVE:
        ax.set_yscale("log")
    else:
        ax.set_ylim(0, 1.12 * top)
    ax.set_xlim(-1, len(ends) + 2)
    scale = ", log scale" if top > _LOG_ABOVE else ""
    ax.set_title(f"{run.letter}: {run.data}, {run.rows} rows{scale}", fontsize=10)
    for losses, at, look in ((run.train_loss, ends - 0.5, TRAIN), (run.val_loss, ends, VALIDATION)):
        last = np.flatnonzero(np.isfinite(losses))[-1]
        if last + 1 < len(losses):
            ax.plot(at[last], losses[last], "x", color=look.color, markersize=8, markeredgewidth=2)


def _draw_accuracy(run: StoredRun, ax: Axes) -> None:
    ends = np.arange(1, len(run.val_accuracy) + 1)
    ax.plot(ends, run.val_accuracy, color=VALIDATION.color, linestyle=VALIDATION.linestyle)
    lowest, highest = np.nanmin(run.val_accuracy[4:]), np.nanmax(run.val_accuracy)
    ax.set_ylim(max(0.0, float(lowest) - 0.15), min(1.02, float(highest) + 0.1))
