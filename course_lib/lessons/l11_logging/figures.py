"""Lesson 11: the figures that its text shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_lib.plots import TRAIN, VALIDATION, style
from course_lib.plots.style import BATCH, INK, RUNS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["in_order", "read_back", "running"]


def _axes(width: float = 6.4, height: float = 3.3) -> tuple[Figure, Any]:
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(width, height), layout="constrained")
    plt.close(fig)  # or the notebook would show it a second time
    return fig, ax


@style()
def running(shown: Sequence[float], own: Sequence[float], per_epoch: int) -> Figure:
    """Draw what is shown at each batch and each batch's own loss, with the ends of the epochs."""
    fig, ax = _axes()
    steps = range(1, len(own) + 1)
    ax.plot(steps, own, color=BATCH, linewidth=0.9, label="the batch's own loss")
    ax.plot(steps, shown, color=RUNS[1].color, linewidth=1.8, label="mean of the epoch so far")
    for end in range(per_epoch, len(own), per_epoch):
        ax.axvline(end + 0.5, color=INK, linestyle=":", linewidth=1)
    ax.set(xlabel="step", ylabel="loss (nats)", ylim=(0, None))
    ax.legend()
    return fig


@style()
def in_order(log: pd.DataFrame, steps: int) -> tuple[str, Figure]:
    """Draw a log's losses in the order of its lines, and say which steps are there twice.

    Parameters
    ----------
    log : DataFrame
        With a row for each line, in the columns "step" and "loss".
    steps : int
        How many steps the run took that the log belongs to.

    Returns
    -------
    told : str
    figure : Figure
        A jump to an earlier step is drawn by a line of its own.
    """
    fig, ax = _axes()
    ax.plot(log["step"], log["loss"], color=RUNS[4].color, linewidth=0.9)
    told = f"lines in the log: {len(log)}; steps of the run: {steps}"
    again = log["step"][log["step"].duplicated()]
    if len(again):
        told += f"\nsteps that are there twice: {len(again)}, from {again.min()} on"
    for k in range(1, len(log)):
        jump = log[["step", "loss"]].iloc[k - 1 : k + 1]
        if jump["step"].iloc[1] <= jump["step"].iloc[0]:
            look = {"color": RUNS[1].color, "linestyle": RUNS[1].linestyle, "linewidth": 2}
            ax.plot(jump["step"], jump["loss"], **look, label=f"back to step {jump['step'].iloc[1]}")
            ax.legend()
    ax.set(xlabel="step", ylabel="batch loss (nats)", ylim=(0, None))
    return told, fig


@style()
def read_back(points: Mapping[str, Sequence[tuple[int, float]]]) -> Figure:
    """Draw what was read from event files: batch losses, and the epochs' losses at their steps."""
    fig, ax = _axes()
    looks: dict[str, dict[str, Any]] = {
        "batch_loss": {"color": BATCH, "linewidth": 0.8, "label": "batch_loss"},
        "train": {**_curve(TRAIN), "label": "train: epoch_loss"},
        "validation": {**_curve(VALIDATION), "label": "validation: epoch_loss"},
    }
    for name, look in looks.items():
        ax.plot(*zip(*points[name], strict=True), **look)
    ax.set(xlabel="step", ylabel="loss (nats)", ylim=(0, None))
    ax.legend()
    return fig


def _curve(look: Any) -> dict[str, Any]:
    return {"color": look.color, "linestyle": look.linestyle, "marker": look.marker, "markersize": 5}
