"""Lesson 07: the figures that its text shows, and the numbers they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, style
from course_lib.plots.style import BATCH, RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.training.history import History

__all__ = ["batch_curves", "epoch_profile", "other_samples", "scatter"]


def scatter(history: History, epochs: int = 5) -> float:
    """Return the standard deviation of the batch losses around their trend in the last epochs.

    Parameters
    ----------
    history : History
    epochs : int
        The trend is the straight line through the batch losses of so many epochs.
    """
    losses = history.batch_loss[history.batch_epoch > history.epochs - epochs]
    steps = np.arange(len(losses))
    return float((losses - np.polyval(np.polyfit(steps, losses, 1), steps)).std(ddof=2))


@style()
def batch_curves(runs: Mapping[int, History]) -> Figure:
    """Draw the batch losses of several runs, by batch size, on one axis of epochs."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    for (size, history), look in zip(runs.items(), RUNS, strict=False):
        at = history.batch_step * history.epochs / history.steps
        ax.plot(
            at,
            history.batch_loss,
            color=look.color,
            linestyle=look.linestyle,
            linewidth=0.8,
            label=f"batches of {size}",
        )
    ax.set(xlabel="epoch", ylabel="batch loss (nats)", ylim=(0, None))
    ax.legend()
    plt.close(fig)
    return fig


@style()
def other_samples(by_epoch: NDArray[Any], samples: Sequence[NDArray[np.int64]]) -> Figure:
    """Draw the curve of the first 100 rows among the curves of other samples."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    epochs = np.arange(1, len(by_epoch) + 1)
    others = np.stack([by_epoch[:, rows].mean(axis=1) for rows in samples[:40]])
    ax.plot(epochs, others.T, color="#999999", linewidth=0.5)
    ax.plot([], [], color="#999999", linewidth=0.5, label="other samples of 100 rows")
    look = VALIDATION
    ax.plot(epochs, by_epoch[:, :100].mean(axis=1), color=look.color, linestyle=look.linestyle, label="these 100 rows")
    ax.set(xlabel="epoch", ylabel="validation loss (nats)", ylim=(0, None))
    ax.legend()
    plt.close(fig)
    return fig


@style()
def epoch_profile(history: History, first: int, last: int) -> tuple[NDArray[np.float64], float, Figure]:
    """Return the mean batch loss by place in the epoch, the mean jump between epochs, and a figure of both.

    Parameters
    ----------
    history : History
        All epochs have as many batches.
    first, last : int
        The epochs to average over, from 1.
    """
    import matplotlib.pyplot as plt

    by_epoch = history.batch_loss.reshape(history.epochs, -1)[first - 1 : last]
    profile = by_epoch.mean(axis=0)
    jump = float((by_epoch[1:, :5].mean(axis=1) - by_epoch[:-1, -5:].mean(axis=1)).mean())
    pair = np.concatenate([by_epoch[:-1].mean(axis=0), by_epoch[1:].mean(axis=0)])  # each epoch, and the one after it
    fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    ax.plot(np.arange(1, len(pair) + 1), pair, color=BATCH, marker=TRAIN.marker, markersize=3, linewidth=0.8)
    half = len(profile)
    for start in (0, half):  # a line for each epoch, through its own batches alone
        places = np.arange(start, start + half)
        slope = np.polyval(np.polyfit(places, pair[places], 1), places)
        ax.plot(places + 1, slope, color=TRAIN.color, linewidth=2, label="straight line of an epoch" if start else None)
    ax.axvline(len(profile) + 0.5, color="#555555", linestyle=":", linewidth=1, label="the next epoch begins")
    ax.set(xlabel="batch, over two epochs in a row", ylabel="mean batch loss (nats)")
    ax.legend()
    plt.close(fig)
    return profile, jump, fig
