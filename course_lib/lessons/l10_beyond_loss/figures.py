"""Lesson 10: the figures that its text shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.lessons.l10_beyond_loss.shown import binned
from course_lib.plots import VALIDATION, style
from course_lib.plots.style import INK, RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["over_rows", "reliability", "two_curves", "while_overfitting"]


def _axes(columns: int = 1, width: float = 6.4, height: float = 3.3) -> tuple[Figure, Any]:
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained")
    plt.close(fig)  # or the notebook would show it a second time
    return fig, axes


@style()
def two_curves(sets: Mapping[str, tuple[Any, Any]]) -> Figure:
    """Draw the ROC and the precision-recall curve of several sets of scores and labels."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    fig, (left, right) = _axes(2, 7.4, 3.5)
    for (name, (scores, y)), look in zip(sets.items(), RUNS, strict=False):
        false, found, _ = roc_curve(y, scores)
        left.plot(false, found, color=look.color, linestyle=look.linestyle, label=name)
        precision, recall, _ = precision_recall_curve(y, scores)
        right.plot(recall[:-1], precision[:-1], color=look.color, linestyle=look.linestyle, label=name)
        right.axhline(float(np.mean(y)), color=look.color, linestyle=":", linewidth=1)
    left.plot([0, 1], [0, 1], color="#777777", linestyle=":", linewidth=1)
    left.set(xlabel="share of class 0 with an alarm", ylabel="recall", title="ROC")
    right.axvline(0.8, color="#777777", linewidth=0.7)
    right.set(xlabel="recall", ylabel="precision", title="precision and recall", ylim=(0, 1.02))
    left.legend(loc="lower right")
    return fig


@style()
def reliability(models: Mapping[str, tuple[Any, Any]], bins: int = 10) -> Figure:
    """Draw the share of class 1 against its mean probability in bins, for several models."""
    fig, ax = _axes(1, 4.6, 4.0)
    ax.plot([0, 1], [0, 1], color="#777777", linestyle=":", linewidth=1, label="calibrated")
    for (name, (p, y)), look in zip(models.items(), RUNS, strict=False):
        rows, sure, share = binned(np.asarray(p, float), y, bins)
        there = rows > 0
        ax.plot(sure[there], share[there], color=look.color, linestyle=look.linestyle, marker=look.marker, label=name)
    ax.set(xlabel="mean probability of class 1 in the bin", ylabel="share of class 1", xlim=(0, 1), ylim=(0, 1.02))
    ax.legend(loc="upper left")
    return fig


@style()
def over_rows(rows: Sequence[int], errors: Sequence[float]) -> Figure:
    """Draw a number over the number of rows that it was measured on."""
    fig, ax = _axes(1, 6.0, 3.0)
    ax.plot(rows, errors, color=INK, marker="o")
    ax.set(xlabel="rows (logarithmic)", ylabel="measured calibration error", xscale="log", ylim=(0, None))
    ax.set_xticks(list(rows), [f"{n:,}" for n in rows])
    ax.set_xticks([], minor=True)
    return fig


@style()
def while_overfitting(losses: Sequence[float], accuracies: Sequence[float]) -> Figure:
    """Draw validation loss and accuracy over the epochs, side by side."""
    fig, (left, right) = _axes(2, 7.4, 2.9)
    epochs = range(1, len(losses) + 1)
    left.plot(epochs, losses, color=VALIDATION.color)
    left.set(xlabel="epoch", ylabel="validation loss (nats)", ylim=(0, None))
    right.plot(epochs, accuracies, color=VALIDATION.color)
    right.set(xlabel="epoch", ylabel="validation accuracy", ylim=(0, 1))
    return fig
