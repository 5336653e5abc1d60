"""Figures of several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
from course_lib.plots.axes import axes_text, line, new_axes
from course_lib.plots.one_run import curves
from course_lib.plots.reading import read
from course_lib.plots.stories import last_number, number, set_story
from course_lib.plots.style import RUNS, TRAIN, VALIDATION, style

__all__ = ["before_after", "compare", "runs"]


def _stack(histories: Sequence[Any], name: str) -> NDArray[np.float64]:
    """Stack runs of different lengths into one array of shape (runs, epochs), NaN after a run has ended."""
    rows = [getattr(read(h), "train" if name == "train_loss" else "val") for h in histories]
    table = np.full((len(rows), max((len(r) for r in rows), default=0)), np.nan)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


@style()
def runs(
    histories: Sequence[Any],
    ax: Axes | None = None,
    *,
    shift: bool = True,
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw the mean of several runs, such as seeds, with a band of one standard error on either side.

    The standard error is the sample standard deviation (``n - 1`` below the line) over the square root of
    the number of runs that reached the epoch. Single runs are drawn thinly beneath.

    Parameters
    ----------
    histories : sequence of History or mapping
        At least one run; they may differ in length.
    ax, shift, log, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no run.

    Examples
    --------
    >>> ax = runs([{"val_loss": [1.0, 0.6]}, {"val_loss": [1.2, 0.8]}])
    >>> story(ax)
    'Mean of 2 runs with a band of one standard error. Mean validation loss is lowest, 0.7, at epoch 2.'
    """
    histories = list(histories)
    if not histories:
        raise ValueError("no runs were given; pass a list with at least one history")
    ax = new_axes(ax)
    means = {}
    for name, look, offset in (("train_loss", TRAIN, 0.5 if shift else 0.0), ("val_loss", VALIDATION, 0.0)):
        table = _stack(histories, name)
        count = np.isfinite(table).sum(axis=0)
        keep = count > 0
        if not keep.any():
            continue
        x, table, count = np.arange(1, table.shape[1] + 1)[keep] - offset, table[:, keep], count[keep]
        mean = np.nanmean(table, axis=0)
        spread = np.sqrt(np.nansum((table - mean) ** 2, axis=0) / np.maximum(count - 1, 1))
        error = np.where(count > 1, spread / np.sqrt(count), 0.0)
        ax.plot(x, table.T, color=look.color, linewidth=0.5, alpha=0.35, zorder=1)
        ax.fill_between(x, mean - error, mean + error, color=look.color, alpha=0.2, linewidth=0, zorder=2)
        line(ax, x, mean, look, f"{look.label}, mean of {len(histories)} ± standard error", zorder=3)
        means[name] = (x + offset, mean)
    axes_text(ax, "loss", log, title)
    ax.legend()
    text = f"Mean of {len(histories)} runs with a band of one standard error."
    if "val_loss" in means:
        x, mean = means["val_loss"]
        text += f" Mean validation loss is lowest, {number(mean.min())}, at epoch {int(x[mean.argmin()])}."
    set_story(ax, text)
    return ax


@style()
def compare(
    histories: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    which: str = "val_loss",
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw one curve of each of several named runs, told apart by line style and marker too.

    The colors are those of runs: blue and orange are a training and a validation loss everywhere else.

    Parameters
    ----------
    histories : mapping of str to History
        At most six runs, by name.
    which : {"val_loss", "train_loss"}
        The curve to draw.
    ax, log, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> ax = compare({"small": {"val_loss": [1.0, 0.9]}, "large": {"val_loss": [0.8, 0.9]}})
    >>> story(ax)  # doctest: +ELLIPSIS
    'Validation loss of 2 runs. small: lowest 0.9 at epoch 2, last 0.9. large: lowest 0.8 at epoch 1, last...'
    """
    if which not in ("val_loss", "train_loss"):
        raise ValueError(f"which={which!r} is not a curve; expected 'val_loss' or 'train_loss'")
    if not 1 <= len(histories) <= len(RUNS):
        raise ValueError(f"{len(histories)} runs were given; from 1 to {len(RUNS)} can be told apart in one figure")
    ax = new_axes(ax)
    name = "Validation" if which == "val_loss" else "Training"
    parts = [f"{name} loss of {len(histories)} runs."]
    for (label, history), look in zip(histories.items(), RUNS, strict=False):
        data = read(history)
        values = data.val if which == "val_loss" else data.train
        line(ax, np.arange(1, data.epochs + 1) - (0.5 if which == "train_loss" else 0), values, look, label)
        if np.isfinite(values).any():
            at = int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))
            parts.append(f"{label}: lowest {number(values[at])} at epoch {at + 1}, last {number(last_number(values))}.")
    axes_text(ax, f"{name.lower()} loss", log, title)
    ax.legend()
    set_story(ax, " ".join(parts))
    return ax


@style()
def before_after(
    before: Any,
    after: Any,
    axes: Sequence[Axes] | None = None,
    *,
    labels: tuple[str, str] = ("before", "after"),
    log: bool = False,
) -> NDArray[np.object_]:
    """Draw two runs side by side with the same loss axis, so that heights can be compared by eye.

    Parameters
    ----------
    before, after : History or mapping
        The two runs.
    axes : two matplotlib Axes, optional
        Where to draw; a new figure by default.
    labels : (str, str)
        Titles of the two panels.
    log : bool
        Logarithmic loss axis.

    Returns
    -------
    numpy.ndarray of two matplotlib Axes

    Examples
    --------
    >>> left, right = before_after({"val_loss": [1.0, 1.4]}, {"val_loss": [1.0, 0.8]})
    >>> left.get_ylim() == right.get_ylim()
    True
    """
    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, sharey=True, layout="constrained", figsize=(8.4, 3.4))
    pair = np.asarray(axes, dtype=object).ravel()
    if len(pair) != 2:
        raise ValueError(f"two Axes were expected, one for each run; got {len(pair)}")
    for ax, history, label in zip(pair, (before, after), labels, strict=True):
        curves(history, ax, log=log, title=label)
    limits = [ax.get_ylim() for ax in pair]
    for ax in pair:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return pair
