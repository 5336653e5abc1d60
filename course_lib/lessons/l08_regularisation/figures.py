"""Lesson 08: the figures that its text shows, and the images they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.data import Rows
from course_lib.plots import style
from course_lib.plots.style import CYCLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.training.history import History

__all__ = [
    "decayed_or_penalized",
    "every_shift",
    "floors",
    "half_mirrored",
    "nine_copies",
    "shift_at_random",
]


def _copies(rows: Rows, images: NDArray[Any]) -> Rows:
    """Return copies of rows, of shape (copies, rows, 8, 8), as rows again."""
    return Rows(images.reshape(-1, 64), np.tile(rows.y, len(images)))


def nine_copies(rows: Rows) -> Rows:
    """Return each row nine times, as it is."""
    return _copies(rows, np.tile(rows.x.reshape(1, -1, 8, 8), (9, 1, 1, 1)))


def _nine(x: NDArray[Any]) -> NDArray[Any]:
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    return np.stack([padded[:, down : down + 8, right : right + 8] for down in range(3) for right in range(3)])


def every_shift(rows: Rows) -> Rows:
    """Return nine copies of each row: where it is, and one pixel away in each of eight directions."""
    return _copies(rows, _nine(rows.x))


def half_mirrored(rows: Rows) -> Rows:
    """Return nine copies of each row, four of them mirrored left to right."""
    images = np.tile(rows.x.reshape(1, -1, 8, 8), (9, 1, 1, 1))
    images[5:] = images[5:, :, :, ::-1]
    return _copies(rows, images)


def shift_at_random(rows: Rows, seed: int = 0) -> Rows:
    """Return each row once, in one of its nine places."""
    places = np.random.default_rng(seed).integers(0, 9, len(rows.x))
    return Rows(_nine(rows.x)[places, np.arange(len(rows.x))].reshape(-1, 64), rows.y)


@style()
def decayed_or_penalized(runs: Mapping[str, History]) -> Figure:
    """Draw the reported training and validation losses of several runs, one color for each run."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.3), layout="constrained", sharey=True)
    for ax, column, title in zip(
        axes, ("train_loss", "val_loss"), ("training, as reported", "validation, as reported"), strict=True
    ):
        for (name, history), look in zip(runs.items(), CYCLE, strict=False):
            epochs = np.arange(1, history.epochs + 1)
            ax.plot(epochs, history[column], color=look.color, linestyle=look.linestyle, label=name)
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="epoch", ylim=(0, None))
    axes[0].set_ylabel("loss (nats)")
    axes[0].legend()
    plt.close(fig)
    return fig


@style()
def floors(runs: Mapping[str, History], floor: float) -> Figure:
    """Draw training losses and the loss below which smoothed targets let nobody go."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.3), layout="constrained")
    for (name, history), look in zip(runs.items(), CYCLE, strict=False):
        epochs = np.arange(1, history.epochs + 1)
        ax.plot(epochs, history.train_loss, color=look.color, linestyle=look.linestyle, label=name)
    ax.axhline(floor, color="#555555", linestyle=":", linewidth=1.2, label="lowest possible with smoothing")
    ax.set(xlabel="epoch", ylabel="training loss, as reported (nats)", ylim=(0, None))
    ax.legend()
    plt.close(fig)
    return fig
