"""Lesson 09: small models in NumPy, the same in both tracks, that train in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Cut", "full_batch", "label_noise_run", "limit_at_the_start", "network_loss", "quadratic"]


@cache
def _digits(seed: int) -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return 1,437 digits for training and 360 for validation, with pixels from 0 to 1 and a constant column."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = np.hstack([x / 16, np.ones((len(x), 1))])
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order[:1437]], y[order[:1437]], x[order[1437:]], y[order[1437:]]


def _softmax(logits: Floats) -> Floats:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _mean_loss(x: Floats, weights: Floats, y: NDArray[np.int64]) -> float:
    logits = x @ weights
    logits -= logits.max(axis=1, keepdims=True)
    return float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean())


def quadratic(rate: float, curvature: float = 4.0, steps: int = 100) -> float:
    """Return by what the loss ``curvature / 2 * w**2`` is multiplied in so many steps of gradient descent.

    Examples
    --------
    >>> quadratic(0.5), quadratic(0.25)
    (1.0, 0.0)
    """
    w = 1.0
    for _ in range(steps):
        w -= rate * curvature * w
    return w**2


def full_batch(rate: float, steps: int = 200) -> list[float]:
    """Return the losses of softmax regression on all training digits at once, one before each step."""
    x, y, _, _ = _digits(0)
    w, losses = np.zeros((x.shape[1], 10)), []
    for _ in range(steps):
        losses.append(_mean_loss(x, w, y))
        w -= rate / len(y) * x.T @ (_softmax(x @ w) - np.eye(10)[y])
    return losses


def limit_at_the_start() -> float:
    """Return 2/L of softmax regression on all training digits, with L the largest curvature at zero weights.

    There every class has a share of a tenth, and the curvature in the logits is a tenth as well.
    """
    x, y, _, _ = _digits(0)
    return float(2 / (np.linalg.eigvalsh(x.T @ x / len(y))[-1] / 10))


class Cut(NamedTuple):
    """A run at a high rate, and two ways to end it; each loss is a pair of training and validation loss."""

    #: After each epoch at the high rate.
    high: list[tuple[float, float]]
    #: After each epoch at the low rate.
    low: list[tuple[float, float]]
    #: Of the mean of the weights of the last epochs at the high rate.
    averaged: tuple[float, float]


@cache
def label_noise_run(seed: int = 0, high: float = 1.0, low: float = 0.05, averaged: int = 30) -> Cut:
    """Train softmax regression with batches of 8 on digits of which a tenth has a random label, and cut the rate."""
    x, y, val_x, val_y = _digits(seed)
    rng = np.random.default_rng(seed)
    y = y.copy()
    y[rng.choice(len(y), len(y) // 10, replace=False)] = rng.integers(0, 10, len(y) // 10)
    hot, w, total = np.eye(10)[y], np.zeros((x.shape[1], 10)), np.zeros((x.shape[1], 10))

    def both(weights: Floats) -> tuple[float, float]:
        return _mean_loss(x, weights, y), _mean_loss(val_x, weights, val_y)

    def updates(rate: float) -> Iterator[None]:
        for rows in np.array_split(rng.permutation(len(y)), len(y) // 8):
            w[...] -= rate / len(rows) * x[rows].T @ (_softmax(x[rows] @ w) - hot[rows])
            yield

    at_high: list[tuple[float, float]] = []
    for epoch in range(10 + averaged):
        for _ in updates(high):
            total += w if epoch >= 10 else 0.0
        at_high.append(both(w))
    at_low: list[tuple[float, float]] = []
    for _ in range(5):
        list(updates(low))
        at_low.append(both(w))
    return Cut(at_high, at_low, both(total / (averaged * (len(y) // 8))))


def network_loss(base: float, share: Callable[[float], float], seed: int, epochs: int = 10) -> float:
    """Return the validation loss of a network of 64 hidden units after training with momentum 0.9 and batches of 32.

    Parameters
    ----------
    base : float
        The rate that the schedule takes a share of.
    share : callable(float) -> float
        The share of the base rate, by how much of the run is over: 0 at the first step, 1 after the last.
    seed, epochs : int
    """
    x, y, val_x, val_y = _digits(0)
    rng = np.random.default_rng(seed)
    first, second = rng.uniform(-1, 1, (x.shape[1], 64)) / 8, rng.uniform(-1, 1, (64, 10)) / 8
    speed = [np.zeros_like(first), np.zeros_like(second)]
    batches = -(-len(y) // 32)
    for epoch in range(epochs):
        for k, rows in enumerate(np.array_split(rng.permutation(len(y)), batches)):
            hidden = np.maximum(x[rows] @ first, 0)
            error = _softmax(hidden @ second) - np.eye(10)[y[rows]]
            down = (error @ second.T) * (hidden > 0)
            gradients = x[rows].T @ down / len(rows), hidden.T @ error / len(rows)
            rate = base * share((epoch * batches + k) / (epochs * batches))
            for weights, v, gradient in zip((first, second), speed, gradients, strict=True):
                v[...] = 0.9 * v + gradient
                weights -= rate * v
    return _mean_loss(np.maximum(val_x @ first, 0), second, val_y)
