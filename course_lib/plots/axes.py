"""Axes, lines and labels, drawn in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from course_lib.plots.reading import Curves
from course_lib.plots.stories import number
from course_lib.plots.style import INK, Look

__all__ = ["axes_text", "clip_to_epochs", "line", "new_axes"]


def new_axes(ax: Axes | None) -> Axes:
    """Return the given axes, or new ones in a figure of their own."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def line(ax: Axes, x: Any, y: Any, look: Look, label: str | None = None, **extra: Any) -> None:
    """Draw one line in its look; values that are not finite are gaps."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    known = np.isfinite(y)
    if not known.any():  # nothing to draw, so nothing in the legend either
        return
    # A marker at every tenth or so keeps a long curve readable; a single point must not vanish.
    every = max(1, int(known.sum()) // 12)
    ax.plot(
        x[known],
        y[known],
        color=look.color,
        linestyle=look.linestyle,
        marker=look.marker,
        markevery=every,
        label=look.label if label is None else label,
        **extra,
    )


def axes_text(ax: Axes, ylabel: str, log: bool, title: str | None) -> None:
    """Label the axes: epochs below, the named quantity on the left."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("epoch")
    ax.set_ylabel(ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if log:
        ax.set_yscale("log")
    if title:
        ax.set_title(title)


def clip_to_epochs(ax: Axes, data: Curves) -> None:
    """Keep one wild batch from flattening the epoch curves: show up to the 99th percentile of the batches."""
    epoch = np.concatenate([data.train, data.val])
    epoch = epoch[np.isfinite(epoch)]
    finite = data.batch[np.isfinite(data.batch)]
    if len(epoch) and len(finite):
        top = max(epoch.max(), float(np.percentile(finite, 99)))
        low = min(epoch.min(), float(finite.min()))
        if finite.max() > 1.5 * top and ax.get_yscale() == "linear":
            ax.set_ylim(low - 0.05 * (top - low), top + 0.05 * (top - low))
            above = int((finite > ax.get_ylim()[1]).sum())
            note = f"{above} batch{'es' * (above != 1)} above, up to {number(float(finite.max()))}"
            # As a title, for which the layout makes room above the axes, where no line crosses it.
            ax.set_title(note, loc="right", fontsize="x-small", fontweight="normal", color=INK)
