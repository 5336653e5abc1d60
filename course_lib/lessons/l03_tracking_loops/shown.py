"""Lesson 03: what its cells print and draw, kept out of sight so that nobody reads an answer off the code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import style
from course_lib.plots.axes import axes_text, line
from course_lib.plots.style import CYCLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_lib.history import History

__all__ = ["digit_row", "draw_runs", "handed_over", "rises", "told", "two_means"]


def digit_row(rows: Any) -> Figure:
    """Return a row of ten small pictures, the first of each digit from 0 to 9."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 10, figsize=(8, 1.2), layout="constrained")
    for digit, ax in enumerate(axes):
        row = np.flatnonzero(rows.y == digit)[0]
        # Limits for all ten: standardized, a pixel that is nearly always empty would outshine the rest of its picture.
        ax.imshow(rows.x[row].reshape(8, 8), cmap="gray_r", vmin=-1.5, vmax=2)
        ax.set_title(digit, fontsize=9)
        ax.set_axis_off()
    plt.close(fig)  # or the notebook would show it a second time
    return fig


def two_means(losses: Sequence[float], sizes: Sequence[int]) -> str:
    """Return the mean of the batches' means, and the mean over their samples, in two lines.

    Examples
    --------
    >>> print(two_means([1.0, 3.0], [3, 1]))
    mean of the batch means: 2.0
    mean over all samples:   1.5
    """
    plain, weighted = np.mean(losses), np.average(losses, weights=sizes)
    return f"mean of the batch means: {plain:.1f}\nmean over all samples:   {weighted:.1f}"


def handed_over(losses: Sequence[float], sizes: Sequence[int], given: Sequence[float] | None = None) -> str:
    """Return each batch's own loss beside what ``model.fit`` hands to callbacks, a line for each batch.

    Parameters
    ----------
    losses, sizes : sequences of equal length
        Each batch's mean loss and how many samples it held.
    given : sequence of float, optional
        What was handed over; without it, what would have been.

    Examples
    --------
    >>> print(handed_over([2.0, 1.0], [3, 1]))
    batch 1: its own loss 2.000, handed over 2.000
    batch 2: its own loss 1.000, handed over 1.750
    """
    if given is None:
        given = np.cumsum(np.multiply(losses, sizes)) / np.cumsum(sizes)
    pairs = enumerate(zip(losses, given, strict=True), start=1)
    return "\n".join(f"batch {i}: its own loss {own:.3f}, handed over {value:.3f}" for i, (own, value) in pairs)


def rises(history: History) -> int:
    """Return how often a run's training loss was higher than in the epoch before."""
    return int((np.diff(history.train_loss) > 0).sum())


def told(runs: dict[str, Sequence[History]]) -> str:
    """Return of runs in groups, by what they have in common, how often their training loss rose."""
    lines = []
    for name, histories in runs.items():
        counts = ", ".join(str(rises(history)) for history in histories)
        ends = ", ".join(f"{h.train_loss[0]:.2f} to {h.train_loss[-1]:.3f}" for h in histories)
        lines.append(f"{name}: rose {counts} times of {histories[0].epochs - 1}; training loss {ends}")
    return "\n".join(lines)


@style()
def draw_runs(runs: dict[str, Sequence[History]]) -> Figure:
    """Return a figure with a panel for each group of runs: their training losses, epoch by epoch.

    None of the lines has the look of a validation loss, which none of them is.
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(runs), figsize=(8.4, 3.4), layout="constrained")
    for ax, (name, histories) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        for i, (history, look) in enumerate(zip(histories, CYCLE[2:], strict=False)):
            line(ax, np.arange(1, history.epochs + 1) - 0.5, history.train_loss, look, f"start {i}")
        axes_text(ax, "training loss", log=False, title=name)
        ax.set_ylim(0, None)
        ax.legend()
    plt.close(fig)  # or the notebook would show it at once, before the prediction is made
    return fig
