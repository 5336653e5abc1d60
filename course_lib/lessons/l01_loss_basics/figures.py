"""Lesson 01: its figures, drawn here so that the lesson's cells stay short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_lib.plots import style
from course_lib.plots.style import CYCLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_row_losses", "draw_sweep"]

#: Neither is a training or a validation loss, so neither has their colors.
_FIRST, _SECOND = CYCLE[2], CYCLE[3]


def _two_panels() -> tuple[Figure, Axes, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    return figure, left, right


def draw_row_losses() -> Figure:
    """Draw what one row costs: by its error, absolute and squared, and by the probability of its correct class."""
    error, p = np.linspace(-3, 3, 121), np.linspace(0.005, 1, 200)
    with style():
        figure, left, right = _two_panels()
        left.plot(error, error**2, color=_FIRST.color, label="squared error")
        left.plot(error, np.abs(error), "--", color=_SECOND.color, label="absolute error")
        left.set(xlabel="prediction minus target", ylabel="loss of one row", title="Predicting a number")
        left.legend()
        right.plot(p, -np.log(p), color=_FIRST.color)
        right.set(
            xlabel="probability of the correct class", ylabel="cross-entropy (nats)", title="Predicting a class", ylim=0
        )
    return figure


def draw_sweep(thresholds: NDArray[Any], losses: NDArray[Any], accuracies: NDArray[Any]) -> tuple[Figure, str]:
    """Draw a loss and an accuracy over the same thresholds, side by side.

    Returns
    -------
    figure, alt : Figure and str
        The alternative text is kept here, since in the notebook it would answer the prediction.
    """
    with style():
        figure, left, right = _two_panels()
        left.plot(thresholds, losses, color=_FIRST.color)
        left.set(ylabel="cross-entropy (nats)", title="Loss")
        right.plot(thresholds, accuracies, color=_FIRST.color, drawstyle="steps-mid")
        right.set(ylabel="accuracy", title="Accuracy")
        for ax in (left, right):
            ax.set_xlabel("threshold (mean radius, as in the data)")
    alt = (
        "Left: over the threshold, the loss is one smooth valley. Right: the accuracy over the same thresholds is a "
        "staircase of flat steps."
    )
    return figure, alt
