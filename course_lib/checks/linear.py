"""The truth about a small linear model, worked out in NumPy: what its losses and weights must be.

The checks of training loops hold an answer against these numbers. The same functions give what a
known misconception leads to, such as gradients that pile up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "GAIN",
    "LR",
    "REL",
    "START",
    "TILT",
    "Run",
    "averaged",
    "batches_of",
    "draw_rows",
    "fitted",
    "in_groups",
    "loss_and_gradient",
    "losses_in_eval",
    "make_problem",
    "mean_loss",
    "sizes_of",
    "train",
]

#: The loss is mean((output - target)^2) + TILT * mean(output): not the same with its arguments swapped.
TILT = 0.1
#: What loops begin with that are watched: two weights and a bias, and the size of a step.
START = (0.3, -0.2, 0.1)
LR = 0.05
#: By so much a watched model's output in training mode is larger than in evaluation mode.
GAIN = 1.5
#: Relative tolerance of losses after training: three digits are left of single precision after a few epochs.
REL = 1e-3

Batch = tuple[np.ndarray, np.ndarray]


def make_problem(rng: np.random.Generator, sizes: Sequence[int], shift: float = 0.0) -> list[Batch]:
    """Return batches of two features and a target, float32, whose losses differ clearly from each other.

    The first feature of each row is unique, so that a row can be told from its first feature.
    """
    batches = []
    for i, size in enumerate(sizes):
        x = rng.normal(size=(size, 2)) + shift
        y = x @ np.array([1.0, -2.0]) + 0.5 + rng.normal(scale=0.2, size=size) + 1.5 * i
        batches.append((x.astype(np.float32), y.astype(np.float32)))
    return batches


def in_groups(n: int, each: int) -> list[int]:
    """Return the sizes of groups of ``each`` rows that hold ``n``; the last one may be smaller.

    Examples
    --------
    >>> in_groups(7, 3)
    [3, 3, 1]
    """
    return [each] * (n // each) + ([n % each] if n % each else [])


def draw_rows(rng: np.random.Generator, sizes: Sequence[int], shift: float = 0.0) -> Batch:
    """Return the rows of such batches as one."""
    x, y = (np.concatenate(part) for part in zip(*make_problem(rng, sizes, shift), strict=True))
    return x, y


def fitted(x: np.ndarray) -> np.ndarray:
    """Return targets that the weights at the start fit, so that training leads away from them."""
    return (x @ np.array(START[:-1]) + START[-1]).astype(np.float32)


def batches_of(x: np.ndarray, y: np.ndarray, batch_size: int) -> list[Batch]:
    """Return the rows in batches, in their order; the last one may be smaller."""
    return [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]


def sizes_of(batches: Sequence[Batch]) -> list[int]:
    """Return how many rows each batch has."""
    return [len(y) for _, y in batches]


def loss_and_gradient(w: np.ndarray, batch: Batch, gain: float) -> tuple[float, np.ndarray]:
    """Return a batch's mean loss and its gradient with respect to the weights and the bias."""
    x, y = (np.asarray(part, dtype=np.float64) for part in batch)
    inputs = np.column_stack([x, np.ones(len(x))])
    outputs = gain * inputs @ w
    loss = np.mean((outputs - y) ** 2) + TILT * np.mean(outputs)
    gradient = gain * inputs.T @ (2 * (outputs - y) + TILT) / len(x)
    return float(loss), gradient


def mean_loss(w: np.ndarray, batches: Sequence[Batch], gain: float = 1.0) -> float:
    """Return the mean loss per row over all batches at fixed weights."""
    losses = [loss_and_gradient(np.asarray(w, dtype=np.float64), batch, gain)[0] for batch in batches]
    return averaged((losses, sizes_of(batches)))


def losses_in_eval(w: Any, batches: Sequence[Batch], momentum: float = 0.0, updated: bool = False) -> list[float]:
    """Return what comes of measuring each batch in evaluation mode before training on it, or after it if `updated`."""
    weights, velocity, losses = np.array(w, dtype=np.float64), np.zeros(3), []
    for batch in batches:
        before = weights
        weights = train(weights, [batch], LR, GAIN, momentum, velocity).weights
        losses.append(mean_loss(weights if updated else before, [batch]))
    return losses


def averaged(batches: tuple[Sequence[float], Sequence[int]]) -> float:
    """Return the mean of batch losses, each counted by its batch's size."""
    return float(np.average(batches[0], weights=batches[1]))


@dataclass(frozen=True)
class Run:
    """What training gave: each batch's loss before its update, the same after it, and the weights."""

    losses: list[float]
    after: list[float]
    weights: np.ndarray


def train(
    w: np.ndarray,
    batches: Sequence[Batch],
    lr: float,
    gain: float = 1.0,
    momentum: float = 0.0,
    velocity: np.ndarray | None = None,
) -> Run:
    """Run one epoch of gradient descent and return what must be seen.

    Parameters
    ----------
    w : array of shape (3,)
        Starting weights, the bias last.
    batches : sequence of (inputs, targets)
    lr, momentum : float
    gain : float
        The factor on the output in the mode that is in force.
    velocity : array of shape (3,), optional
        The momentum's state, updated in place, to go on over several epochs.
    """
    w = np.asarray(w, dtype=np.float64).copy()
    velocity = np.zeros_like(w) if velocity is None else velocity
    losses, after = [], []
    for batch in batches:
        loss, gradient = loss_and_gradient(w, batch, gain)
        velocity *= momentum
        velocity += gradient
        w -= lr * velocity
        losses.append(loss)
        after.append(loss_and_gradient(w, batch, gain)[0])
    return Run(losses, after, w)
