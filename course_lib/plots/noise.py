"""Noisy curves drawn honestly: what is smoothed over what was measured, bands, and pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
from course_lib.plots.axes import axes_text, new_axes
from course_lib.plots.reading import read
from course_lib.plots.stories import number, set_story
from course_lib.plots.style import BATCH, INK, RUNS, style

__all__ = ["band", "mean_and_error", "paired_difference", "smoothed"]


@style()
def smoothed(
    history: Any,
    ax: Axes | None = None,
    *,
    beta: float = 0.9,
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw the batch losses, and over them their exponential moving average: never the average alone.

    Parameters
    ----------
    history : History, or sequence of float
        What ``fit`` returned, with its batch losses; or any series, whose points are then counted from 1.
    beta : float
        What the average keeps of itself at each value, at least 0 and below 1; it is bias-corrected, and late by
        about ``beta / (1 - beta)`` values, which the legend says.
    ax, log, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If `beta` is no share, or there is no batch loss.

    Examples
    --------
    >>> ax = smoothed([3.0, 1.0, 2.0, 0.5, 1.0], beta=0.5)
    >>> story(ax)
    'A series of 5 values from 3 to 1, and its exponential average with beta 0.5, which ends at 1.06.'
    """
    import pandas as pd

    if not 0 <= beta < 1:
        raise ValueError(f"beta is {beta!r}; expected a share of at least 0, below 1, as in beta=0.9")
    series = isinstance(history, np.ndarray | Sequence)
    x, y = _series(history)
    if not np.isfinite(y).any():
        raise ValueError("there is no batch loss to smooth; fit records them, and history.batch(loss) does")
    average = pd.Series(np.where(np.isfinite(y), y, np.nan)).ewm(alpha=1 - beta, ignore_na=True).mean().to_numpy()
    ax = new_axes(ax)
    ax.plot(x, y, color=BATCH, linewidth=0.9, label="as measured" if series else "each batch", zorder=1)
    late = f"{beta / (1 - beta):.3g} value{'s' * (round(beta / (1 - beta), 6) != 1)} late"
    ax.plot(x, average, color=INK, linewidth=1.8, label=f"exponential average, beta {beta:g}: {late}", zorder=3)
    axes_text(ax, "value" if series else "loss", log, title)
    if series:
        ax.set_xlabel("value")
    ax.legend()
    known = y[np.isfinite(y)]
    what = f"A series of {len(y)} values" if series else f"Losses of {len(y)} batches"
    set_story(
        ax,
        f"{what} from {number(known[0])} to {number(known[-1])}, and {'its' if series else 'their'} exponential "
        f"average with beta {beta:g}, which ends at {number(average[-1])}.",
    )
    return ax


def _series(history: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places and values: of a run's batches on the axis of epochs, or of a plain series."""
    if isinstance(history, np.ndarray | Sequence):
        y = np.asarray(history, dtype=float).reshape(-1)
        return np.arange(1.0, len(y) + 1), y
    data = read(history)
    return data.batch_at, data.batch


@style()
def band(
    groups: Mapping[str, Sequence[Any]],
    ax: Axes | None = None,
    *,
    which: str = "val_loss",
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw the mean of each of several groups of runs, with a band of one standard error on either side.

    Parameters
    ----------
    groups : mapping of str to runs
        At most six groups by name; each is what `repeat` returned, or a list of histories. For training and
        validation loss of one group see `runs`.
    which : str
        The column to draw, such as ``"val_loss"``.
    ax, log, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> slow = [{"val_loss": [1.0, 0.9]}, {"val_loss": [1.2, 0.9]}]
    >>> fast = [{"val_loss": [0.8, 0.6]}, {"val_loss": [0.8, 0.4]}]
    >>> story(band({"slow": slow, "fast": fast}))  # doctest: +ELLIPSIS
    'Validation loss, means with bands of one standard error. slow: 2 runs, last 0.9 ± 0. fast: 2 runs, last 0.5 ...'
    """
    if not 1 <= len(groups) <= len(RUNS):
        raise ValueError(f"{len(groups)} groups were given; from 1 to {len(RUNS)} can be told apart in one figure")
    ax, name = new_axes(ax), _spoken(which)
    parts = [f"{name.capitalize()}, means with bands of one standard error."]
    for (label, histories), look in zip(groups.items(), RUNS, strict=False):
        table = _table(label, list(histories), which)
        mean, error = mean_and_error(table)
        x = np.arange(1, table.shape[1] + 1) - (0.5 if which == "train_loss" else 0.0)
        ax.fill_between(x, mean - error, mean + error, color=look.color, alpha=0.2, linewidth=0, zorder=2)
        ax.plot(
            x, mean, color=look.color, linestyle=look.linestyle, marker=look.marker, zorder=3,
            markevery=max(1, len(x) // 12), label=f"{label}, {len(table)} run{'s' * (len(table) != 1)}",
        )  # fmt: skip
        parts.append(f"{label}: {len(table)} run{'s' * (len(table) != 1)}, last {_with_error(mean[-1], error[-1])}.")
    axes_text(ax, name, log, title)
    ax.legend()
    set_story(ax, " ".join(parts))
    return ax


@style()
def paired_difference(difference: Any, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw the differences between two groups of runs, seed by seed, with their mean and its standard error.

    Parameters
    ----------
    difference : Difference
        ``b - a`` of what `repeat` returned for the same seeds. Below 0, `b` has the lower value.
    ax, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> two = SimpleNamespace(seeds=[0, 1], values=[[0.1, -0.1], [0.3, -0.2]], of="val_loss")
    >>> story(paired_difference(two))
    'Paired differences in validation loss of 2 seeds: in the last epoch -0.15 ± 0.05, below zero in 2 of 2.'
    """
    values, name = np.asarray(difference.values, dtype=float), _spoken(difference.of)
    mean, error = mean_and_error(values)
    x = np.arange(1, values.shape[1] + 1) - (0.5 if difference.of == "train_loss" else 0.0)
    ax, look = new_axes(ax), RUNS[2]
    ax.axhline(0, color=INK, linewidth=1, zorder=1)
    ax.plot(x, values.T, color=look.color, linewidth=0.7, alpha=0.6, zorder=2)
    ax.plot([], [], color=look.color, linewidth=0.7, alpha=0.6, label="each seed")
    ax.fill_between(x, mean - error, mean + error, color=look.color, alpha=0.2, linewidth=0, zorder=2)
    label = f"mean of {len(values)} seeds ± standard error"
    every = max(1, len(x) // 12)
    ax.plot(x, mean, color=look.color, marker=look.marker, markevery=every, label=label, zorder=3)
    axes_text(ax, f"difference in {name}", False, title)
    ax.legend()
    below = int((values[:, -1] < 0).sum())
    set_story(
        ax,
        f"Paired differences in {name} of {len(values)} seeds: in the last epoch "
        f"{_with_error(mean[-1], error[-1])}, below zero in {below} of {len(values)}.",
    )
    return ax


def mean_and_error(table: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each column and its standard error, over the runs that reached it; NaN where one did."""
    table = np.where(np.isfinite(table), table, np.nan)
    count = np.isfinite(table).sum(axis=0)
    total = np.nansum(table, axis=0)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    squares = np.nansum((table - mean) ** 2, axis=0)
    variance = np.divide(squares, count - 1, out=np.full(count.shape, np.nan), where=count > 1)
    return mean, np.sqrt(variance / np.maximum(count, 1))


def _table(label: str, histories: Sequence[Any], which: str) -> NDArray[np.float64]:
    """Return a row for each run, NaN after it has ended."""
    rows = [np.asarray(history[which], dtype=float) for history in histories]
    if not rows or not max(map(len, rows)):
        raise ValueError(f"'{label}' has no runs with {which}; pass what repeat returned, or a list of histories")
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


def _spoken(column: str) -> str:
    """Return how a column is spoken of: "validation loss" for ``val_loss``."""
    side, _, what = column.partition("_")
    return {"val": "validation", "train": "training"}.get(side, side) + f" {what}".replace("_", " ").rstrip()


def _with_error(mean: float, error: float) -> str:
    return number(mean) + (f" ± {number(error)}" if np.isfinite(error) else "")
