"""Lesson 10: rows with a known truth, and a small network that is trained for too long, in NumPy for both tracks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

__all__ = [
    "Overfit",
    "best_f1",
    "binned",
    "f1_at",
    "gap",
    "noisy_label_run",
    "scored_rows",
    "softmax",
    "temperature",
    "true_table",
]


def scored_rows(
    rows: int, prevalence: float, distance: float = 2.0, seed: int | np.random.Generator = 0
) -> tuple[Floats, Labels]:
    """Return logits of the best possible model, and labels.

    The scores of the two classes are Gaussian with standard deviation 1 and a distance between their means, so that the
    logit of every row is known: its probability is true.

    Examples
    --------
    >>> logits, y = scored_rows(1000, prevalence=0.1)
    >>> logits.shape, sorted(set(y.tolist()))
    ((1000,), [0, 1])
    """
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < prevalence).astype(np.int64)
    z = rng.normal(distance * (y - 0.5))
    return distance * z + np.log(prevalence / (1 - prevalence)), y


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of each row."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def true_table(rows: int, seed: int, classes: int = 10) -> tuple[Floats, Labels]:
    """Return probabilities of a perfectly calibrated model: the labels are drawn from them.

    Examples
    --------
    >>> p, y = true_table(50, seed=0)
    >>> p.shape, y.shape
    ((50, 10), (50,))
    """
    rng = np.random.default_rng(seed)
    p = softmax(rng.normal(0, 2, (rows, classes)))
    return p, (p.cumsum(axis=1)[:, :-1] < rng.random((rows, 1))).sum(axis=1)


def binned(confidence: Floats, right: Any, bins: int) -> tuple[Floats, Floats, Floats]:
    """Return each bin's number of rows, their mean confidence and the share that is right; NaN where it is empty."""
    cells = [np.histogram(confidence, bins, (0, 1), weights=w)[0] for w in (None, confidence, np.asarray(right, float))]
    rows = np.where(cells[0] > 0, cells[0], np.nan)
    return cells[0].astype(float), cells[1] / rows, cells[2] / rows


def gap(confidence: Floats, right: Any, bins: int = 15) -> float:
    """Return the mean distance between confidence and share of right rows, over bins weighted by their rows.

    Examples
    --------
    >>> round(gap(np.full(4, 0.9), [1, 1, 1, 0]), 2)
    0.15
    """
    rows, sure, share = binned(confidence, right, bins)
    return float(np.nansum(rows * np.abs(sure - share)) / rows.sum())


def best_f1(logits: Floats, y: Labels) -> tuple[float, float]:
    """Return the threshold with the highest F1 on these rows, and that F1.

    Examples
    --------
    >>> best_f1(np.array([2.0, 1.0, -1.0]), np.array([1, 1, 0]))
    (1.0, 1.0)
    """
    order = np.argsort(-logits)
    f1 = 2 * np.cumsum(y[order]) / (np.arange(1, len(y) + 1) + y.sum())
    return float(logits[order][f1.argmax()]), float(f1.max())


def f1_at(threshold: float, logits: Floats, y: Labels) -> float:
    """Return the F1 of the alarms at or above a threshold.

    Examples
    --------
    >>> f1_at(0.0, np.array([2.0, 1.0, -1.0]), np.array([1, 0, 1]))
    0.5
    """
    alarms = logits >= threshold
    return float(2 * (alarms & (y == 1)).sum() / max(1, alarms.sum() + y.sum()))


def temperature(logits: Floats, y: Labels) -> float:
    """Return the number to divide these logits by so that their mean cross-entropy is lowest.

    Examples
    --------
    >>> logits = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0], [4.0, 0.0]])
    >>> round(temperature(logits, np.array([0, 0, 0, 1])), 1)  # right three times in four: a logit of ln 3
    3.6
    """

    def mean_loss(t: float) -> float:
        z = (logits - logits.max(axis=1, keepdims=True)) / t
        return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean())

    tried = np.geomspace(0.1, 20, 1001)
    return float(tried[int(np.argmin([mean_loss(t) for t in tried]))])


class Overfit(NamedTuple):
    """A network after too many epochs: logits and labels of its three sets, and how validation went."""

    train: tuple[Floats, Labels]
    val: tuple[Floats, Labels]
    test: tuple[Floats, Labels]
    #: After each epoch.
    val_loss: list[float]
    val_accuracy: list[float]


@cache
def noisy_label_run(seed: int = 0, epochs: int = 80) -> Overfit:
    """Train 64 hidden units by plain SGD on 800 digits, of which 15 % have a random label, like all the others."""
    from sklearn.datasets import load_digits
    from sklearn.metrics import log_loss

    x, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    x, y = x[order] / 16, y[order].copy()
    wrong = rng.random(len(y)) < 0.15
    y[wrong] = rng.integers(0, 10, wrong.sum())
    parts = {"train": slice(0, 800), "val": slice(800, 1100), "test": slice(1100, None)}
    w, v = rng.normal(0, np.sqrt(2 / 64), (64, 64)), rng.normal(0, 1 / 8, (64, 10))
    b, c = np.zeros(64), np.zeros(10)
    hot = np.eye(10)

    def logits(rows: Floats) -> Floats:
        return np.maximum(rows @ w + b, 0) @ v + c

    losses, accuracies = [], []
    train_x, train_y = x[parts["train"]], y[parts["train"]]
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(800), 25):
            hidden = np.maximum(train_x[rows] @ w + b, 0)
            error = (softmax(hidden @ v + c) - hot[train_y[rows]]) / len(rows)
            back = (error @ v.T) * (hidden > 0)
            for weights, gradient in (
                (w, train_x[rows].T @ back),
                (b, back.sum(0)),
                (v, hidden.T @ error),
                (c, error.sum(0)),
            ):
                weights -= 0.2 * gradient
        z = logits(x[parts["val"]])
        losses.append(float(log_loss(y[parts["val"]], softmax(z))))
        accuracies.append(float((z.argmax(axis=1) == y[parts["val"]]).mean()))
    sets = {name: (logits(x[part]), y[part]) for name, part in parts.items()}
    return Overfit(**sets, val_loss=losses, val_accuracy=accuracies)
