"""Lesson 04: the figures that its cells draw, and the stored networks of its capacity curve.

The networks come from ``scripts/precompute_widths.py``: eleven widths, five splits, measured after 60 and 200 epochs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, compare, set_story, style
from course_lib.plots.axes import axes_text, line
from course_lib.plots.style import CYCLE, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.history import History

__all__ = [
    "draw_accuracy",
    "draw_answers",
    "draw_errors",
    "draw_moons",
    "draw_remedies",
    "draw_sweep",
    "draw_two_runs",
    "draw_widths",
    "table_of_errors",
    "table_of_remedies",
    "table_of_widths",
    "widths_measured",
]

_FILE = Path(__file__).parent / "material" / "widths.npz"
_SETS, _MEASURES = ("train", "val", "test"), ("loss", "error")
#: Test rows take the third look of the course's cycle, so that they are never taken for training or validation rows.
_TEST = CYCLE[2]


@style()
def draw_moons(x: NDArray[np.float32], y: NDArray[np.int64], flipped: NDArray[np.bool_]) -> Axes:
    """Draw the rows of two classes, those with a flipped label in a circle.

    Parameters
    ----------
    x : array of shape (rows, 2)
    y : array of shape (rows,)
        Labels, 0 or 1, as they were given.
    flipped : array of shape (rows,)
        Which labels are flipped.
    """
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(5.4, 3.4), layout="constrained")
    for label, look in ((0, CYCLE[2]), (1, CYCLE[3])):
        rows = x[y == label]
        ax.scatter(rows[:, 0], rows[:, 1], marker=look.marker, color=look.color, s=28, label=f"class {label}")
    ax.scatter(x[flipped, 0], x[flipped, 1], s=130, facecolors="none", edgecolors=INK, label="label flipped")
    ax.set(xlabel="first feature", ylabel="second feature", title=f"{len(x)} training rows")
    ax.legend(fontsize=8)
    story = "Two interlocking half-moons of points, one for each class. Circled points carry the other moon's label."
    set_story(ax, f"{story} {int(flipped.sum())} of {len(x)} points are circled.")
    return ax


@style()
def draw_accuracy(accuracy: NDArray[np.float64], best: int) -> Figure:
    """Draw validation accuracy by epoch, and mark the epoch of the lowest validation loss."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
    epochs = np.arange(1, len(accuracy) + 1)
    ax.plot(epochs, accuracy, color=VALIDATION.color, linestyle=VALIDATION.linestyle, label="validation")
    ax.axvline(best, color=INK, linestyle=":", label=f"lowest validation loss, epoch {best}")
    ax.set(xlabel="epoch", ylabel="accuracy (share right)", ylim=(0.5, 1))
    ax.legend(loc="lower right")
    return fig


@style()
def draw_answers(shares: Mapping[str, Sequence[float]], best: int) -> Figure:
    """Draw shares of training rows by epoch, one line each, and mark the epoch of the lowest validation loss.

    Parameters
    ----------
    shares : mapping
        From what is counted to its share of the rows after each epoch.
    best : int
        The epoch of the lowest validation loss, from 1.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
    for (name, values), look in zip(shares.items(), CYCLE[2:], strict=False):
        epochs = np.arange(1, len(values) + 1)
        ax.plot(epochs, values, color=look.color, linestyle=look.linestyle, marker=look.marker, markevery=6, label=name)
    ax.axvline(best, color=INK, linestyle=":", linewidth=1.2, label=f"lowest validation loss, epoch {best}")
    ax.set(xlabel="epoch", ylabel="share of the rows", ylim=(-0.03, 1.05))
    ax.legend(fontsize=8.5, loc="center right")
    return fig


# --- the capacity curve ----------------------------------------------------------------------------------


@cache
def _stored() -> tuple[list[int], list[int], NDArray[np.float64]]:
    """Return widths, numbers of epochs, and measures of shape (widths, splits, epochs, sets, measures)."""
    with np.load(_FILE) as data:
        return data["widths"].tolist(), data["epochs"].tolist(), data["runs"].astype(float)


def widths_measured(rows: str, what: str = "loss", epochs: int = 60) -> tuple[list[int], NDArray[np.float64]]:
    """Return the widths, and what their networks measure on one set of rows: shape (widths, splits).

    Parameters
    ----------
    rows : {"train", "val", "test"}
    what : {"loss", "error"}
        Mean cross-entropy in nats, or the share of wrong answers.
    epochs : {60, 200}
        After how many epochs of training.

    Examples
    --------
    >>> widths, losses = widths_measured("val")
    >>> len(widths), losses.shape
    (11, (11, 5))
    """
    widths, marks, runs = _stored()
    return widths, runs[:, :, marks.index(epochs), _SETS.index(rows), _MEASURES.index(what)]


def table_of_widths(epochs: int = 60) -> str:
    """Return a line for each width: mean losses over the five splits, and the spread of the validation loss."""
    widths, train = widths_measured("train", epochs=epochs)
    val, test = (widths_measured(rows, epochs=epochs)[1] for rows in ("val", "test"))
    lines = [f"{'units':>5}{'training':>10}{'validation':>14}{'test':>14}"]
    for i, width in enumerate(widths):
        spreads = (f"{set_[i].mean():.2f} ± {set_[i].std(ddof=1):.2f}" for set_ in (val, test))
        lines.append(f"{width:5}{train[i].mean():10.2f}" + "".join(f"{spread:>14}" for spread in spreads))
    chosen = ", ".join(str(widths[i]) for i in widths_measured("val", epochs=epochs)[1].argmin(axis=0))
    return "\n".join([*lines, f"lowest validation loss, split by split: {chosen} units"])


def _bars(ax: Axes, rows: str, what: str, epochs: int, look: Any, label: str) -> None:
    """Draw the means over the splits, with bars of one standard deviation."""
    widths, values = widths_measured(rows, what, epochs)
    ax.errorbar(
        widths, values.mean(axis=1), yerr=values.std(axis=1, ddof=1), color=look.color, linestyle=look.linestyle,
        marker=look.marker, capsize=3, elinewidth=1.2, label=label,
    )  # fmt: skip


def _width_axis(ax: Axes, widths: Sequence[int], ylabel: str) -> None:
    ax.set_xscale("log", base=2)
    ax.set_xticks(list(widths), [str(width) for width in widths])
    ax.minorticks_off()
    ax.set(xlabel="hidden units", ylabel=ylabel)


@style()
def draw_widths() -> Figure:
    """Draw training, validation and test loss after 60 epochs against the width, over five splits."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7.2, 3.9), layout="constrained")
    for rows, look, label in (("train", TRAIN, "training"), ("val", VALIDATION, "validation"), ("test", _TEST, "test")):
        _bars(ax, rows, "loss", 60, look, label)
    _width_axis(ax, _stored()[0], "loss after 60 epochs (nats)")
    ax.set(title="means over five splits; bars: one standard deviation", ylim=(0, None))
    ax.legend()
    return fig


#: What `draw_errors` draws and `table_of_errors` lists: rows, epochs, and the look of the curve.
_ERRORS = (("test", 60, CYCLE[2]), ("test", 200, CYCLE[3]), ("train", 200, TRAIN))


def table_of_errors() -> str:
    """Return a line for each width: the mean share of wrong answers on test and training rows."""
    means = [widths_measured(rows, "error", epochs)[1].mean(axis=1) for rows, epochs, _ in _ERRORS]
    lines = [f"{'units':>5}{'test, 60 epochs':>18}{'test, 200 epochs':>18}{'training, 200 epochs':>22}"]
    for i, width in enumerate(_stored()[0]):
        lines.append(f"{width:5}{means[0][i]:18.2f}{means[1][i]:18.2f}{means[2][i]:22.2f}")
    return "\n".join(lines)


@style()
def draw_errors() -> Figure:
    """Draw the test error against the width after 60 and after 200 epochs, and the training error after 200."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7.2, 3.9), layout="constrained")
    for rows, epochs, look in _ERRORS:
        _bars(ax, rows, "error", epochs, look, f"{'test' if rows == 'test' else 'training'}, {epochs} epochs")
    _width_axis(ax, _stored()[0], "share of wrong answers")
    ax.set(title="means over five splits; bars: one standard deviation", ylim=(0, None))
    ax.legend()
    return fig


@style()
def draw_sweep(widths: Sequence[int], sweep: Mapping[str, Any]) -> Axes:
    """Draw what `capacity_sweep` returned: two losses against the width, and the width it chose."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(5.6, 3.2), layout="constrained")
    for name, look in (("train_loss", TRAIN), ("val_loss", VALIDATION)):
        ax.plot(widths, sweep[name], color=look.color, linestyle=look.linestyle, marker=look.marker, label=look.label)
    ax.axvline(sweep["best_width"], color=INK, linestyle=":", label=f"chosen: {sweep['best_width']}")
    _width_axis(ax, widths, "loss after 60 epochs (nats)")
    ax.set_ylim(0, None)
    ax.legend()
    losses = "; ".join(
        f"{width} hidden units: training loss {train:.2f}, validation loss {val:.2f}"
        for width, train, val in zip(widths, sweep["train_loss"], sweep["val_loss"], strict=True)
    )
    set_story(ax, f"{losses}. Chosen: {sweep['best_width']}, test loss {sweep['test_loss']:.2f}.")
    return ax


# --- the remedies ----------------------------------------------------------------------------------------


def table_of_remedies(runs: Mapping[str, History]) -> str:
    """Return a line for each run, and two that tell how far two of them fitted their training rows.

    Parameters
    ----------
    runs : mapping of str to History
        By name, with accuracies; "clean labels" and "more rows" are among them.
    """
    lines = [
        f"{'':14}   lowest loss                       last",
        f"{'':14}{'loss':>7}{'epoch':>8}{'accuracy':>11}{'loss':>13}{'accuracy':>11}",
    ]
    for name, run in runs.items():
        accuracy, lowest = run["val_accuracy"], int(run.val_loss.argmin())
        lines.append(
            f"{name:14}{run.val_loss[lowest]:7.2f}{lowest + 1:8}{accuracy[lowest]:11.2f}"
            f"{run.val_loss[-1]:13.2f}{accuracy[-1]:11.2f}"
        )
    clean, more = runs["clean labels"].train_loss[-1], runs["more rows"]["train_accuracy"][-1]
    return "\n".join(
        [
            *lines,
            "",
            f"clean labels: training loss {clean:.3f} in the last epoch",
            f"more rows: {more:.2f} of the training rows get their label in the last epoch, right or wrong",
        ]
    )


@style()
def draw_remedies(runs: Mapping[str, History]) -> Figure:
    """Draw the validation losses of all runs; what lies above 1 is cut off."""
    ax = compare(runs)
    ax.set_ylim(0.1, 1.0)  # the first epochs lie above the picture
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


@style()
def draw_two_runs(runs: Mapping[str, History]) -> Axes:
    """Draw the validation losses of two runs, in neither the look of training nor that of validation.

    Side by side, one blue and one orange line would be read as the two losses of a single run.
    """
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    told = []
    for (name, run), look in zip(runs.items(), CYCLE[2:], strict=False):
        line(ax, np.arange(1, run.epochs + 1), run.val_loss, look, name)
        told.append(f"{name}: lowest {run.val_loss.min():.2f} in epoch {run.best_epoch}, last {run.val_loss[-1]:.2f}")
    axes_text(ax, "validation loss", log=False, title=None)
    ax.set_ylim(0.35, 1.0)  # the first epochs lie above the picture
    ax.legend()
    set_story(ax, f"Validation loss of two runs. {'. '.join(told)}.")
    return ax
