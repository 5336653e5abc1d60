"""Lesson 08: the figures that its text shows, and the images they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.data import Rows
from course_lib.plots import pictures, style
from course_lib.plots.style import INK, RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.training.history import History

__all__ = [
    "decayed_or_penalized",
    "every_shift",
    "half_mirrored",
    "nine_copies",
    "shift_at_random",
    "some_copies",
    "training_with_smoothing",
    "weights_of",
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


def some_copies(rows: Rows, digits: Sequence[int]) -> tuple[Figure, str]:
    """Draw the first row of some digits as it is, moved in two directions, and mirrored; also return the words."""
    first = [int(np.flatnonzero(rows.y == digit)[0]) for digit in digits]
    chosen = Rows(rows.x[first], rows.y[first])
    moved, turned = every_shift(chosen), half_mirrored(chosen)
    kinds = {
        "as it is": chosen.x,
        "moved left": moved.x[5 * len(first) : 6 * len(first)],
        "moved down": moved.x[len(first) : 2 * len(first)],
        "mirrored": turned.x[-len(first) :],
    }
    images = [images[i] for i in range(len(first)) for images in kinds.values()]
    captions = [f"{digit}, {kind}" for digit in digits for kind in kinds]
    of, looks = " and ".join(f"a {digit}" for digit in digits), list(kinds)
    alt = f"Pictures of {of}, each {', '.join(looks[:-1])} and {looks[-1]}."
    return pictures(images, captions, columns=len(kinds)), alt


@style()
def weights_of(models: Mapping[str, NDArray[Any]], digit: int) -> tuple[Figure, str]:
    """Draw the weights with which linear models look for one digit, pixel by pixel.

    Parameters
    ----------
    models : mapping of str to array of shape (64, 10)
        By name.
    digit : int

    Returns
    -------
    figure : matplotlib Figure
        A weight of exactly 0 has a dot, so that it differs from one that is small.
    alt : str
        The figure in words.
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(models), figsize=(6.4, 3.1), layout="constrained")
    bound = max(float(np.abs(w[:, digit]).max()) for w in models.values())
    zeros = []
    for ax, (name, w) in zip(axes, models.items(), strict=True):
        shown = w[:, digit].reshape(8, 8)
        image = ax.imshow(shown, cmap="PuOr", vmin=-bound, vmax=bound)
        rows, columns = np.nonzero(shown == 0)
        ax.plot(columns, rows, ".", color=INK, markersize=5, linestyle="none")
        ax.set_title(f"{name}, class {digit}", fontsize=10)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.spines[:].set_visible(False)
        zeros.append(f"{name}: {len(rows)} of 64 weights are exactly 0")
    bar = fig.colorbar(image, ax=axes, shrink=0.85)
    bar.set_label("weight (a dot: exactly 0)")
    plt.close(fig)
    return fig, f"Weights for the class {digit}, as two pictures of 8 by 8 pixels. {'; '.join(zeros)}."


@style()
def decayed_or_penalized(runs: Mapping[str, History]) -> Figure:
    """Draw the reported training and validation losses of several runs, one color for each run."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.3), layout="constrained", sharey=True)
    for ax, column, title in zip(
        axes, ("train_loss", "val_loss"), ("training, as reported", "validation, as reported"), strict=True
    ):
        for (name, history), look in zip(runs.items(), RUNS, strict=False):
            epochs = np.arange(1, history.epochs + 1)
            ax.plot(epochs, history[column], color=look.color, linestyle=look.linestyle, label=name)
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="epoch", ylim=(0, None))
    axes[0].set_ylabel("loss (nats)")
    axes[0].legend()
    plt.close(fig)
    return fig


def training_with_smoothing(
    runs: Mapping[str, History], accuracies: Sequence[float], classes: int, eps: float
) -> tuple[list[str], Figure, str]:
    """Compare training losses with the lowest one that smoothed targets allow.

    Parameters
    ----------
    runs : mapping of str to History
        By name.
    accuracies : sequence of float
        Each run's accuracy on its training rows, measured at the end.
    classes : int
    eps : float
        Of the smoothing.

    Returns
    -------
    lines : list of str
        Where each run ends, and the lowest loss.
    figure : matplotlib Figure
    alt : str
        The figure in words.
    """
    target = np.full(classes, eps / classes)
    target[0] += 1 - eps
    floor = float(-(target * np.log(target)).sum())
    lines = [
        f"{name}: {run.train_loss[-1]:.3f} after {run.epochs} epochs, training accuracy {right:.3f}"
        for (name, run), right in zip(runs.items(), accuracies, strict=True)
    ]
    alt = f"Reported training losses. {'; '.join(lines)}; a dotted line at {floor:.3f}."
    return [*lines, f"cross-entropy of a smoothed target with itself: {floor:.3f}"], _floors(runs, floor), alt


@style()
def _floors(runs: Mapping[str, History], floor: float) -> Figure:
    """Draw training losses and the loss below which smoothed targets let nobody go."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.3), layout="constrained")
    for (name, history), look in zip(runs.items(), RUNS, strict=False):
        epochs = np.arange(1, history.epochs + 1)
        ax.plot(epochs, history.train_loss, color=look.color, linestyle=look.linestyle, label=name)
    ax.axhline(floor, color="#555555", linestyle=":", linewidth=1.2, label="lowest possible with smoothing")
    ax.set(xlabel="epoch", ylabel="training loss, as reported (nats)", ylim=(0, None))
    ax.legend()
    plt.close(fig)
    return fig
