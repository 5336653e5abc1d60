"""Lesson 05: its figures, each with the alternative text that its numbers give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, set_story, style
from course_lib.plots.style import CYCLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_memory", "draw_passes", "draw_three_curves"]


def _figure(width: float, height: float) -> Figure:
    """Return a figure that pyplot does not know of, so that it is shown only where it is asked for."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def draw_passes(training_mode: Sequence[float], evaluation_mode: Sequence[float]) -> Figure:
    """Draw the loss of the same validation rows, pass by pass, in both modes.

    Parameters
    ----------
    training_mode, evaluation_mode : sequences of float
        As long as each other, nats.
    """
    passes = np.arange(1, len(training_mode) + 1)
    with style():
        fig = _figure(6.4, 3)
        ax: Axes = fig.subplots()
        ax.plot(passes, training_mode, "x", color=VALIDATION.color, markersize=6, label="training mode")
        ax.plot(passes, evaluation_mode, "s--", color=VALIDATION.color, label="evaluation mode")
        ax.set(xlabel="pass", ylabel="validation loss (nats)", xticks=passes[1::2])
        ax.set_ylim(0, 1.1 * max(*training_mode, *evaluation_mode))
        ax.set_title("Same weights, same rows")
        ax.legend(loc="lower right")
    train, evaluation = (
        f"it is {min(losses):.2f} in every pass"
        if min(losses) == max(losses)
        else f"it lies between {min(losses):.2f} and {max(losses):.2f}"
        for losses in (training_mode, evaluation_mode)
    )
    set_story(
        fig, f"Validation loss of {len(passes)} passes. In training mode {train}; in evaluation mode {evaluation}."
    )
    return fig


def draw_memory(held: Mapping[str, Sequence[float]], ylabel: str) -> Figure:
    """Draw what is held after each validation batch.

    Parameters
    ----------
    held : mapping of str to sequence of float
        What was done, and what was held then after each batch.
    ylabel : str
        What the numbers are, with their unit in parentheses.
    """
    batches = np.arange(1, 1 + max(map(len, held.values())))
    with style():
        fig = _figure(6.4, 3.2)
        ax: Axes = fig.subplots()
        # from the third look on: the first two mean training and validation
        for (label, sizes), look in zip(held.items(), CYCLE[2:], strict=False):
            ax.plot(batches, sizes, color=look.color, marker=look.marker, linestyle=look.linestyle, label=label)
        ax.set(xlabel="validation batch", ylabel=ylabel, xticks=batches)
        ax.legend()
    numbers = ". ".join(
        f"{label}: {sizes[0]:.0f} after the first, {sizes[-1]:.0f} after the last" for label, sizes in held.items()
    )
    set_story(fig, f"{ylabel[0].upper()}{ylabel[1:]} after each of {len(batches)} validation batches. {numbers}.")
    return fig


def draw_three_curves(reported: Sequence[float], again: Sequence[float], val: Sequence[float]) -> Figure:
    """Draw the reported training losses in two places, next to the two curves that were measured at the epoch ends.

    Parameters
    ----------
    reported, again, val : sequences of float
        Training loss as reported and measured again after each epoch, and validation loss; nats.
    """
    ends = np.arange(1, len(val) + 1)
    with style():
        fig = _figure(8.4, 3.4)
        axes = fig.subplots(1, 2, sharex=True, sharey=True)
        for ax, places, where in zip(axes, (ends, ends - 0.5), ("end", "middle"), strict=True):
            ax.plot(ends, again, "-", color=TRAIN.color, label="training, measured again")
            ax.plot(places, reported, TRAIN.marker, color=TRAIN.color, label="training, as reported")
            ax.plot(ends, val, f"{VALIDATION.marker}--", color=VALIDATION.color, label="validation")
            ax.set(xlabel="epoch", title=f"reported loss at the epoch's {where}", xlim=(0, None))
        axes[0].set(ylabel="loss (nats)", ylim=(0, None))
        axes[1].legend()
    set_story(fig, _three_curves_in_words(reported, again, val))
    return fig


def _three_curves_in_words(reported: Sequence[float], again: Sequence[float], val: Sequence[float]) -> str:
    rows = "; ".join(
        f"epoch {epoch}: {r:.2f}, {a:.2f}, {v:.2f}"
        for epoch, (r, a, v) in enumerate(zip(reported, again, val, strict=True), start=1)
        if epoch in (1, 2, len(val))
    )
    ends = np.arange(1, len(val) + 1)
    at_the_middle = np.exp(np.interp(ends[1:] - 0.5, ends, np.log(again)))
    off = np.mean(np.subtract(reported[1:], again[1:])), np.mean(np.subtract(reported[1:], at_the_middle))
    return (
        "Two panels with the same three curves. Training loss as reported, training loss measured again and validation "
        f"loss: {rows}. With the reported points at the epoch ends (left), they lie {off[0]:.2f} above the curve "
        f"measured again, on average from epoch 2 on; half an epoch further left (right), {off[1]:.2f}."
    )
