"""Lesson 09: the figures that its text shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import TRAIN, VALIDATION, style
from course_lib.plots.style import BATCH, INK, RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_lib.history import History
    from course_lib.lessons.l09_schedules.shown import Cut

__all__ = ["counted", "lines", "range_figure", "shapes", "two_runs", "two_ways_down"]


def _axes(width: float = 6.4, height: float = 3.3) -> tuple[Figure, Any]:
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(width, height), layout="constrained")
    plt.close(fig)  # or the notebook would show it a second time
    return fig, ax


@style()
def two_runs(runs: Mapping[str, History]) -> Figure:
    """Draw the batch losses of several runs on one axis of steps, the loss on a logarithmic one, each line thinner."""
    fig, ax = _axes()
    for place, ((name, history), look) in enumerate(zip(runs.items(), RUNS, strict=False)):
        ax.plot(history.batch_step, history.batch_loss, color=look.color, linewidth=3 / (1 + 3 * place), label=name)
    ax.axhline(math.log(10), color=INK, linestyle=":", linewidth=1, label="ln 10")
    ax.set(xlabel="step", ylabel="batch loss (nats)", yscale="log")
    ax.set_yticks([2, 3, 5, 10, 30, 100], labels=["2", "3", "5", "10", "30", "100"])
    ax.set_yticks([], minor=True)
    ax.set_ylim(1.8, 1.3 * max(float(history.batch_loss.max()) for history in runs.values()))
    ax.legend()
    return fig


@style()
def lines(curves: Mapping[str, Sequence[float]], xlabel: str, ylabel: str) -> Figure:
    """Draw some curves over their places, from 1."""
    fig, ax = _axes()
    for (name, values), look in zip(curves.items(), RUNS, strict=False):
        ax.plot(range(1, len(values) + 1), values, color=look.color, linestyle=look.linestyle, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return fig


@style()
def range_figure(rates: Sequence[float], losses: Sequence[float], curves: Mapping[str, Any]) -> Figure:
    """Draw a range test over a logarithmic axis of rates, with smoothed curves and a marker at the minimum of each."""
    fig, ax = _axes()
    ax.plot(rates, losses, color=BATCH, linewidth=0.8, label="single batches")
    for (name, values), look in zip(curves.items(), RUNS, strict=False):
        ax.plot(rates, values, color=look.color, linestyle=look.linestyle, label=name)
        lowest = int(np.nanargmin(values))
        ax.plot(rates[lowest], values[lowest], color=look.color, marker=look.marker, markersize=8)
    ax.set(xlabel="learning rate", ylabel="loss (nats)", xscale="log", ylim=(0, 5))
    ax.legend()
    return fig


@style()
def shapes(schedules: Mapping[str, Callable[[float], float]]) -> Figure:
    """Draw schedules as shares of the base rate over the share of the run that is over."""
    fig, ax = _axes()
    over = np.linspace(0, 1, 400)
    for (name, share), look in zip(schedules.items(), RUNS, strict=False):
        ax.plot(over, [share(float(at)) for at in over], color=look.color, linestyle=look.linestyle, label=name)
    ax.set(xlabel="share of the run that is over", ylabel="share of the base rate", ylim=(-0.03, 1.08))
    ax.legend()
    return fig


@style()
def counted(rates: Sequence[float], batches: int) -> Figure:
    """Draw the rate of every step, with a line at the start of each epoch."""
    fig, ax = _axes()
    ax.plot(range(1, len(rates) + 1), rates, color=INK, linewidth=1.2)
    for start in range(batches, len(rates), batches):
        ax.axvline(start + 0.5, color="#999999", linestyle=":", linewidth=0.7)
    ax.set(xlabel=f"step ({batches} to an epoch, dotted)", ylabel="learning rate", ylim=(-0.004, None))
    return fig


@style()
def two_ways_down(cut: Cut) -> Figure:
    """Draw a run at a high rate and after the cut, and the loss of the averaged weights."""
    fig, ax = _axes()
    for place, look in enumerate((TRAIN, VALIDATION)):
        curve = [pair[place] for pair in (*cut.high, *cut.low)]
        ax.plot(range(1, len(curve) + 1), curve, color=look.color, linestyle=look.linestyle, label=look.label)
        ax.axhline(cut.averaged[place], color=look.color, linestyle=":", label=f"averaged weights, {look.label}")
    ax.axvline(len(cut.high) + 0.5, color=INK, linewidth=0.8)
    ax.text(len(cut.high) + 0.3, ax.get_ylim()[1], "cut ", ha="right", va="top", fontsize=9)
    ax.set(xlabel="epoch", ylabel="loss (nats)", ylim=(0, None))
    ax.legend(loc="lower left", ncols=2, fontsize=8)
    return fig
