"""Lesson 10: one model and every number about it, as rows, threshold, class weight and temperature change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.lessons.l10_beyond_loss.shown import binned, gap, scored_rows
from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas, plain_numbers
from course_lib.plots.style import RUNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["BINS", "Numbers", "every_number", "numbers"]

RANKING, DECISIONS = "ranking", "decisions and probabilities"
#: Of the reliability diagram.
BINS = 10
GREY = "#666666"
CLASS_0, CLASS_1 = RUNS[0], RUNS[1]


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


@cache
def _calibrated_gap(rows: int, distance: float, prevalence: float, weight: float, soft: float) -> float:
    """Return the calibration error that such probabilities would show on so many rows if they were all true."""
    rng = np.random.default_rng(1)
    p = _probabilities(scored_rows(rows, prevalence, distance)[0], weight, soft)
    return float(np.mean([gap(p, rng.random(rows) < p, BINS) for _ in range(8)]))


def _probabilities(logits: Floats, weight: float, soft: float) -> Floats:
    return _sigmoid((logits + np.log(weight)) / soft)


@dataclass(frozen=True)
class Numbers:
    """All that is said of one model: what was drawn, its curves, its decisions, its probabilities."""

    y: NDArray[np.int64]
    p: Floats
    #: Recall, share of class 0 with an alarm, and precision, from the highest threshold to the lowest.
    recall: Floats
    false_rate: Floats
    precision_at: Floats
    #: Hits, false alarms, misses, and rows of class 0 without an alarm.
    cells: tuple[int, int, int, int]

    @property
    def share(self) -> float:
        """The share of rows of class 1."""
        return float(self.y.mean())

    @property
    def auc(self) -> float:
        """The area under the ROC curve."""
        before = np.concatenate([[0.0], self.recall[:-1]])
        return float((np.diff(self.false_rate, prepend=0) * (self.recall + before) / 2).sum())

    @property
    def average_precision(self) -> float:
        """The mean precision over the steps of the recall."""
        return float((np.diff(self.recall, prepend=0) * self.precision_at).sum())

    @property
    def accuracy(self) -> float:
        """The share of rows decided correctly."""
        return (self.cells[0] + self.cells[3]) / len(self.y)

    @property
    def precision(self) -> float:
        """The share of alarms that are right, 0 without alarms."""
        return self.cells[0] / max(1, self.cells[0] + self.cells[1])

    @property
    def found(self) -> float:
        """The recall at the threshold."""
        return self.cells[0] / max(1, self.cells[0] + self.cells[2])

    @property
    def f1(self) -> float:
        """The F1 at the threshold."""
        return 2 * self.cells[0] / max(1, 2 * self.cells[0] + self.cells[1] + self.cells[2])

    @property
    def log_loss(self) -> float:
        """The mean cross-entropy in nats."""
        right = np.where(self.y == 1, self.p, 1 - self.p)
        return float(-np.log(np.maximum(right, 1e-15)).mean())

    @property
    def gap(self) -> float:
        """The calibration error of the probability of class 1."""
        return gap(self.p, self.y, BINS)


def numbers(
    distance: float, prevalence: float, rows: int, threshold: float, weight: float = 1.0, soft: float = 1.0
) -> Numbers:
    """Return the numbers of the best possible model, after a class weight and a temperature.

    Examples
    --------
    >>> found = numbers(2.0, 0.1, 5000, 0.5)
    >>> round(found.auc, 2), sum(found.cells)
    (0.92, 5000)
    """
    logits, y = scored_rows(rows, prevalence, distance)
    p = _probabilities(logits, weight, soft)
    ranked = y[np.argsort(-logits)]
    hits, false = np.cumsum(ranked), np.cumsum(1 - ranked)
    alarms, positive = p >= threshold, y == 1
    cells = tuple(
        int(cell.sum()) for cell in (alarms & positive, alarms & ~positive, ~alarms & positive, ~alarms & ~positive)
    )
    return Numbers(y, p, hits / max(1, hits[-1]), false / max(1, false[-1]), hits / (hits + false), cells)  # type: ignore[arg-type]


def _ranking(found: Numbers, threshold: float) -> tuple[Any, str]:
    figure, (left, middle, right) = canvas(3)
    edges = np.linspace(0, 1, 31)
    for label, look in ((0, CLASS_0), (1, CLASS_1)):
        counts = np.histogram(found.p[found.y == label], edges)[0]
        left.step(
            edges[:-1],
            np.maximum(counts, 0.5),
            where="post",
            color=look.color,
            linestyle=look.linestyle,
            label=f"class {label}",
        )
    left.axvline(threshold, color=GREY, linewidth=1)
    left.set(xlabel="probability of class 1", ylabel="rows", yscale="log", xlim=(0, 1))
    plain_numbers(left.yaxis)
    left.legend(fontsize=8)
    middle.plot(found.false_rate, found.recall, color=CLASS_1.color)
    middle.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1)
    middle.set(xlabel="share of class 0 with an alarm", ylabel="recall", xlim=(0, 1), ylim=(0, 1.02))
    right.plot(found.recall, found.precision_at, color=CLASS_1.color)
    right.axhline(found.share, color=GREY, linestyle=":", linewidth=1)
    right.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    hits, false, _, quiet = found.cells
    middle.plot(false / max(1, false + quiet), found.found, "o", color="black", markersize=6)
    if hits + false:
        right.plot(found.found, found.precision, "o", color="black", markersize=6)
    for ax in (left, middle, right):
        ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    alt = (
        f"Left: rows by probability, on a logarithmic axis, with the threshold at {threshold:g}. Middle: the ROC, "
        f"with the threshold's place at a recall of {found.found:.2f}. Right: the precision-recall curve over its "
        f"baseline of {found.share:.3f}."
    )
    return figure, alt


def _decisions(found: Numbers, threshold: float) -> tuple[Any, str]:
    figure, (left, right) = canvas(2)
    hits, false, missed, quiet = found.cells
    table = np.array([[hits, missed], [false, quiet]])
    left.imshow(table / table.sum(axis=1, keepdims=True).clip(min=1), cmap="Greys", vmin=0, vmax=2.6, aspect="auto")
    for (row, column), count in np.ndenumerate(table):
        left.text(column, row, f"{count:,}", ha="center", va="center", fontsize=13)
    left.set_xticks([0, 1], ["alarm", "no alarm"])
    left.set_yticks([0, 1], ["1", "0"])
    left.set(xlabel="decision", ylabel="class")
    left.grid(visible=False)
    left.set_title(f"decisions at {threshold:g}", fontsize=10)
    rows, sure, share = binned(found.p, found.y, BINS)
    there = rows > 0
    error = 1.96 * np.sqrt(sure[there] * (1 - sure[there]) / rows[there])
    right.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1)
    right.vlines(
        sure[there],
        (sure[there] - error).clip(0),
        (sure[there] + error).clip(max=1),
        color="#999999",
        linewidth=5,
        alpha=0.6,
    )
    right.plot(sure[there], share[there], color=CLASS_1.color, marker="D", linewidth=1)
    right.set(
        xlabel="mean probability of class 1 in the bin", ylabel="share of class 1", xlim=(0, 1), ylim=(-0.02, 1.02)
    )
    outside = int((np.abs(share[there] - sure[there]) > error).sum())
    alt = (
        f"Left: {hits:,} hits, {missed:,} misses, {false:,} false alarms and {quiet:,} rows of class 0 without an "
        f"alarm. Right: the share of class 1 in {int(there.sum())} bins of the probability, with a gray band for what "
        f"a calibrated model would show on as many rows; {outside} of them lie outside."
    )
    return figure, alt


def _table(found: Numbers, calibrated: float) -> list[tuple[str, str]]:
    share = found.share
    entropy = -sum(q * np.log(q) for q in (share, 1 - share) if q)
    rows = [
        ("accuracy", found.accuracy, f"{max(share, 1 - share):.3f}"),
        ("precision", found.precision, f"{share:.3f}"),
        ("recall", found.found, "1 if all are alarms"),
        ("F1", found.f1, f"{2 * share / (1 + share):.3f}"),
        ("ROC AUC", found.auc, "0.500"),
        ("average precision", found.average_precision, f"{share:.3f}"),
        ("log loss", found.log_loss, f"{entropy:.3f}"),
        ("calibration error", found.gap, f"{calibrated:.3f} if calibrated"),
    ]
    return [
        (name, f"{value:.3f} (knowing nothing: {base})" if "calibrated" not in base else f"{value:.3f} ({base})")
        for name, value, base in rows
    ]


def _picture(values: Mapping[str, Any]) -> Scene:
    model = (values["distance"], values["prevalence"])
    found = numbers(*model, values["rows"], values["threshold"], values["weight"], values["soft"])
    calibrated = _calibrated_gap(values["rows"], *model, values["weight"], values["soft"])
    draw = _ranking if values["view"] == RANKING else _decisions
    figure, alt = draw(found, values["threshold"])
    hits, false, missed, _ = found.cells
    words = (
        f"Of {hits + false:,} alarms {hits:,} are right, and {missed:,} of {hits + missed:,} rows of class 1 are "
        f"missed. "
        f"The model expects {found.p.mean():.1%} of class 1; there are {found.share:.1%}."
    )
    return Scene(figure, alt, words, _table(found, calibrated))


def every_number() -> Explorer:
    """Explore one model and every number about it: which of them move with what.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> "rows of class 1 are missed" in every_number().answer({"threshold": 0.2}).words
    True
    """
    return Explorer(
        "One model, every number",
        [
            Choice("view", "View", [RANKING, DECISIONS], RANKING),
            Slider("distance", "Separation of the classes", [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0], 2.0),
            Slider("prevalence", "Share of class 1", [0.01, 0.02, 0.05, 0.1, 0.2, 0.5], 0.1),
            Slider("threshold", "Threshold", [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], 0.5),
            Slider("weight", "Weight of class 1 in training", [1.0, 2.0, 5.0, 9.0, 19.0, 99.0], 1.0),
            Slider("soft", "Temperature", [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0], 1.0),
            Slider("rows", "Rows measured", [100, 200, 500, 1000, 2000, 5000], 5000),
        ],
        _picture,
    )
