"""Loss curves of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from course_lib.plots.axes import axes_text, clip_to_epochs, line, new_axes
from course_lib.plots.reading import read
from course_lib.plots.stories import describe, number, set_story
from course_lib.plots.style import BATCH, INK, TRAIN, VALIDATION, style

__all__ = ["curves", "gap"]


@style()
def curves(
    history: Any,
    ax: Axes | None = None,
    *,
    batches: bool = True,
    shift: bool = True,
    best: bool = True,
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw training and validation loss of one run on one honest axis.

    Parameters
    ----------
    history : History, mapping or DataFrame
        What ``fit`` returned, or ``{"train_loss": [...], "val_loss": [...]}``; one value an epoch, NaN
        where there is none. A table with a column ``epoch``, such as a logger's CSV file, is placed by it.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    batches : bool
        Draw the loss of every batch beneath, lightly, where the history has them.
    shift : bool
        Put training points in the middle of the epoch they average over. ``False`` puts both kinds on
        epoch ends, as most libraries do.
    best : bool
        Mark the best epoch: the one with the lowest validation loss, or the one that early stopping chose.
    log : bool
        Logarithmic loss axis.
    title : str, optional
        Title above the axes.

    Returns
    -------
    matplotlib Axes
        Pass it to `show` for a figure with alternative text.

    Examples
    --------
    >>> ax = curves({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]})
    >>> [line.get_label() for line in ax.get_lines()][:2]
    ['training', 'validation']
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    data, ax = read(history), new_axes(ax)
    ends = np.arange(1, data.epochs + 1)
    if batches and len(data.batch) and len(data.batch) == len(data.batch_at):
        ax.plot(data.batch_at, data.batch, color=BATCH, linewidth=0.9, label="each batch", zorder=1)
    line(ax, ends - (0.5 if shift else 0), data.train, TRAIN, zorder=3)
    line(ax, ends, data.val, VALIDATION, zorder=3)
    lowest = data.val[data.best - 1] if data.best is not None and 1 <= data.best <= data.epochs else np.nan
    if best and np.isfinite(lowest):
        ax.axvline(data.best or 0, color=INK, linestyle=":", linewidth=1, zorder=2)
        ax.plot(
            data.best or 0, lowest, marker="*", markersize=12, color=VALIDATION.color, linestyle="none",
            markeredgecolor="white", zorder=4, label=f"best epoch {data.best}: {number(lowest)}",
        )  # fmt: skip
    axes_text(ax, "loss", log, title)
    clip_to_epochs(ax, data)
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    set_story(ax, (f"{title}. " if title else "") + describe(history))
    return ax


@style()
def gap(history: Any, ax: Axes | None = None, *, shift: bool = True, title: str | None = None) -> Axes:
    """Draw both curves with the generalisation gap, validation minus training, shaded between them.

    With ``shift`` the training curve is interpolated to the epoch ends, so that both losses are compared
    at the same moment rather than half an epoch apart.

    Parameters
    ----------
    history, ax, title
        As in `curves`.
    shift : bool
        Compare at the same moment; ``False`` compares the numbers as reported.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> ax = gap({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]})
    >>> story(ax).split(". ")[0]
    'The gap between validation and training loss goes from 0.35 at epoch 1 to 0.8 at epoch 3'
    """
    data = read(history)
    ax = curves(history, ax, batches=False, shift=shift, title=title)
    ends = np.arange(1, data.epochs + 1, dtype=float)
    train = data.train
    if shift and np.isfinite(train).sum() > 1:
        known = np.isfinite(train)
        train = np.interp(ends, ends[known] - 0.5, train[known])
    both = np.isfinite(train) & np.isfinite(data.val)
    if both.any():
        ax.fill_between(
            ends[both], train[both], data.val[both], color="#999999", alpha=0.25, hatch="..",
            edgecolor="#BBBBBB", linewidth=0, label="gap", zorder=1,
        )  # fmt: skip
        ax.legend()
        size, at = (data.val - train)[both], ends[both].astype(int)
        set_story(
            ax,
            f"The gap between validation and training loss goes from {number(size[0])} at epoch {at[0]} "
            f"to {number(size[-1])} at epoch {at[-1]}. {describe(history)}",
        )
    return ax
