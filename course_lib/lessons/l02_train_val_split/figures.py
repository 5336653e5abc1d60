"""Lesson 02: the figures of its first prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, style
from course_lib.plots.style import CYCLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.data import Data
    from course_lib.training.history import History

__all__ = ["two_runs", "two_splits"]

_NAMES = ("the last rows", "random rows")


def two_splits(last: Data, random: Data) -> Figure:
    """Draw the training and validation rows of the wave, split in two ways."""
    import matplotlib.pyplot as plt

    with style():
        fig, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained", sharey=True)
        for ax, data, name in zip(axes, (last, random), _NAMES, strict=True):
            ax.plot(*data.train, TRAIN.marker, mfc="none", color=TRAIN.color, label="training")
            ax.plot(*data.val, VALIDATION.marker, color=VALIDATION.color, label="validation")
            ax.set(xlabel="x", title=f"validation on {name}")
        axes[0].set_ylabel("y")
        axes[0].legend(loc="upper center", bbox_to_anchor=(0.35, 1.02))
    return fig


def two_runs(
    grid: NDArray[np.float32], said: list[NDArray[np.float32]], runs: list[History], edge: float
) -> tuple[Figure, str]:
    """Draw what two networks say of the wave, and both runs' validation losses.

    Parameters
    ----------
    grid : array of shape (n, 1)
    said : list of two arrays of shape (n, 1)
        Each network's predictions on the grid; the network that never saw the last rows comes first.
    runs : list of two History
    edge : float
        Where the last rows begin.

    Returns
    -------
    figure, alt : Figure and str
        The alternative text is made here, since in the notebook it would answer the prediction.
    """
    import matplotlib.pyplot as plt

    with style():
        fig, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), layout="constrained")
        left.axvspan(edge, 1, color="#EEEEEE")
        left.plot(grid, np.sin(4 * grid), color="#555555", lw=1, label="the wave without noise")
        for values, run, look, name in zip(said, runs, CYCLE[2:4], _NAMES, strict=True):
            left.plot(grid, values, ls=look.linestyle, color=look.color, label=f"{name} kept out")
            right.plot(np.arange(1, run.epochs + 1), run.val_loss, ls=look.linestyle, color=look.color, label=name)
        left.set(xlabel="x", ylabel="y")
        right.set(xlabel="epoch", ylabel="validation loss", yscale="log")
        left.legend(fontsize=8)
        right.legend(fontsize=8, title="validation on", title_fontsize=8)
    ends = [float(values[-1, 0]) for values in said]
    last, random = (run.val_loss for run in runs)
    alt = (
        f"Left: in the gray part, at the largest x, the wave comes down to {np.sin(4):.1f}. The network without the "
        f"last rows ends at {ends[0]:.1f}, the one without random rows at {ends[1]:.1f}. Right: validation losses on a "
        f"logarithmic scale. On the last rows it goes from {last[0]:.2f} over {last.max():.2f} to {last[-1]:.2f}, on "
        f"random rows from {random[0]:.2f} to {random[-1]:.2f}."
    )
    return fig, alt
