"""Lesson 12: the figures that its text shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_lib.lessons.l12_capstone.variants import LETTERS
from course_lib.plots import TRAIN, VALIDATION, style
from course_lib.plots.style import INK

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.lessons.l12_capstone.project import Project
    from course_lib.training.history import History

    Curve = Sequence[float] | NDArray[np.float64]
    Pair = tuple[Curve, Curve]

__all__ = ["panels", "six_runs"]


def _draw(ax: Any, pair: Pair, dots: bool = False) -> None:
    for look, curve in zip((TRAIN, VALIDATION), pair, strict=True):
        ax.plot(
            range(1, len(curve) + 1),
            curve,
            color=look.color,
            linestyle=look.linestyle,
            marker=look.marker if dots else "",
            markersize=3,
            linewidth=1.3,
            label=look.label,
        )


def _log_axis(ax: Any) -> None:
    from matplotlib.ticker import LogLocator

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=6))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("")


@style()
def panels(runs: Mapping[str, History], line: float | None = None, label: str = "", log: bool = False) -> Figure:
    """Draw the training and validation losses of some runs side by side, on one axis of losses.

    Parameters
    ----------
    runs : dict of str to History
    line : float, optional
        A loss to mark in every panel.
    label : str
        What the line is.
    log : bool
        Whether the axis of losses is logarithmic; if not, it begins at 0.
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        1, len(runs), figsize=(3.6 * len(runs), 3.2), layout="constrained", sharey=True, squeeze=False
    )
    for ax, (name, run) in zip(axes[0], runs.items(), strict=True):
        _draw(ax, (run.train_loss, run.val_loss), dots=True)
        if line is not None:
            ax.axhline(line, color=INK, linestyle=":", linewidth=1, label=label)
        ax.set(xlabel="epoch")
        ax.set_title(name, fontsize=10)
    if log:
        _log_axis(axes[0, 0])
        axes[0, 0].set(ylabel="loss (nats), log axis")
    else:
        axes[0, 0].set(ylabel="loss (nats)", ylim=(0, None))
    axes[0, 0].legend(fontsize=9)
    plt.close(fig)
    return fig


@style()
def six_runs(project: Project) -> Figure:
    """Draw the six runs of a project, each with the healthy run's curves behind it."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(2, 3, figsize=(8.4, 5.2), layout="constrained", sharex=True)
    for ax, letter in zip(axes.flat, LETTERS, strict=True):
        for k, (look, curve) in enumerate(zip((TRAIN, VALIDATION), project.healthy, strict=True)):
            label = "healthy, both" if k == 0 else None
            ax.plot(
                range(1, len(curve) + 1), curve, color="#777777", linestyle=look.linestyle, linewidth=1, label=label
            )
        _draw(ax, project[letter])
        _log_axis(ax)
        ax.set_title(f"run {letter}", fontsize=10)
    for ax in axes[1]:
        ax.set(xlabel="epoch")
    for ax in axes[:, 0]:
        ax.set(ylabel="loss (nats), log axis")
    axes[0, 0].legend(fontsize=8)
    plt.close(fig)
    return fig
