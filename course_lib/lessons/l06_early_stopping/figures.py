"""Lesson 06: the figures that are more than a line of matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import VALIDATION, style
from course_lib.plots.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from course_lib.training.early_stopping import EarlyStopping

__all__ = ["BEST", "draw_curve", "draw_errors", "error_table"]

#: How the best epoch is drawn everywhere in the lesson: a star on the validation curve, as `curves` has it.
BEST: dict[str, Any] = {"color": VALIDATION.color, "marker": "*", "markersize": 16, "markeredgecolor": INK, "zorder": 3}
_LOW, _HIGH = "#8C8C8C", "#D2D2D2"


def _write_loss(ax: Axes, losses: Sequence[float], epoch: int) -> None:
    """Write the loss of an epoch where the curve is not: above a peak, else below, left of a falling line."""
    loss = losses[epoch - 1]
    falls = epoch < len(losses) and losses[epoch] < loss
    peak = falls and epoch > 1 and losses[epoch - 2] < loss
    ax.annotate(
        f"{loss:.2f}",
        (epoch, loss),
        xytext=(0 if peak else -4 if falls else 4, 6 if peak else -13),
        textcoords="offset points",
        ha="center" if peak else "right" if falls else "left",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )


def draw_curve(losses: Sequence[float], rule: EarlyStopping | None = None) -> Figure:
    """Draw a short validation curve with its numbers, and where a rule saw its best and stopped.

    Parameters
    ----------
    losses : sequence of float
        The validation loss of each epoch.
    rule : EarlyStopping, optional
        A rule that has been stepped through them.
    """
    import matplotlib.pyplot as plt

    epochs = range(1, len(losses) + 1)
    with style():
        fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
        fmt = VALIDATION.marker + VALIDATION.linestyle
        ax.plot(epochs, losses, fmt, color=VALIDATION.color, label="validation loss")
        for epoch in epochs:
            _write_loss(ax, losses, epoch)
        title = "A validation curve, written by hand"
        if rule is not None and rule.best is not None and rule.best_epoch is not None:
            title = f"Best epoch {rule.best_epoch}, stopped after epoch {rule.stopped_epoch}"
            ax.plot([rule.best_epoch], [rule.best], linestyle="none", label="best", **BEST)
            ax.axvline(float(rule.stopped_epoch or 0), color=INK, label="stop", zorder=1)
            ax.legend(fontsize=8, loc="upper center")
        ax.set(xlabel="epoch", ylabel="validation loss", title=title)
        ax.set(xticks=epochs, xlim=(0.0, len(losses) + 0.9), ylim=(min(losses) - 0.07, max(losses) + 0.05))
    plt.close(fig)
    return fig


def _errors(report: NDArray[np.float64]) -> NDArray[np.float64]:
    lowest, true = report
    return lowest - true


def error_table(reports: Mapping[str, NDArray[np.float64]]) -> str:
    """Say of many reports how often and by how much they were too low, and how good the chosen weights are.

    Parameters
    ----------
    reports : mapping
        By its name, an array of two rows: the losses that were reported, and the true ones of the same weights.

    Examples
    --------
    >>> print(error_table({"2 rows": np.array([[0.25, 0.5], [0.5, 0.5]])}).splitlines()[1])
    2 rows                       1 of 2      -0.125   0.125      0.500
    """
    lines = [f"{'':22} {'too low':>12}  mean error  spread  true loss"]
    for name, report in reports.items():
        error = _errors(report)
        low = f"{(error < 0).sum()} of {len(error)}"
        lines.append(f"{name:22} {low:>12}  {error.mean():+10.3f}  {error.std():6.3f}  {report[1].mean():9.3f}")
    return "\n".join(lines)


def draw_errors(reports: Mapping[str, NDArray[np.float64]], *names: str) -> Figure:
    """Draw histograms of reported minus true loss, one below the other on one scale.

    Parameters
    ----------
    reports : mapping
        As in `error_table`.
    *names : str
        Which of them to draw.
    """
    import matplotlib.pyplot as plt

    errors = [_errors(reports[name]) for name in names]
    low, high = min(map(np.min, errors)), max(map(np.max, errors))
    width = (high - low) / 40
    bins = width * np.arange(np.floor(low / width), np.ceil(high / width) + 1)  # 0 is between two bars
    with style():
        fig, axes = plt.subplots(len(names), 1, figsize=(6.4, 1 + 1.7 * len(names)), sharex=True, layout="constrained")
        for ax, name, error in zip(np.atleast_1d(axes), names, errors, strict=True):
            for side, color, part in (("low", _LOW, error[error < 0]), ("high", _HIGH, error[error >= 0])):
                hatch = {"hatch": "////", "hatchcolor": _LOW} if side == "high" else {}  # in dark, its gray is faint
                how: dict[str, Any] = {"bins": bins, "color": color, "edgecolor": "white", "linewidth": 0.5, **hatch}
                ax.hist(part, label=f"too {side}: {len(part)}", **how)
            ax.axvline(0, color=INK, linewidth=1.2)
            mean = error.mean()
            ax.axvline(mean, color=VALIDATION.color, linestyle=VALIDATION.linestyle, label=f"mean {mean:+.3f}")
            ax.set(title=name, ylabel="reports")
            ax.legend(fontsize=8, loc="upper left")
        ax.set_xlabel("reported loss minus loss on all rows")
    plt.close(fig)
    return fig
