"""A small network in NumPy that is trained with one fault planted, and what each experiment measures on that run.

The lesson's stored curves come from here, by ``scripts/precompute_capstone.py``; a test trains some of them again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["EPOCHS", "EXPERIMENTS", "KINDS", "ROWS", "Run", "train_with"]

#: What may be wrong with a run; "healthy" is nothing.
KINDS = (
    "healthy",
    "double softmax",
    "last batch logged",
    "dropout in validation",
    "leaked rows",
    "validation scaled differently",
    "schedule too short",
    "sums for means",
    "shuffled labels",
)
#: What can be measured, and the fault that it proves.
EXPERIMENTS = {
    "loss of a certain answer": "double softmax",
    "log against batches": "last batch logged",
    "evaluate twice": "dropout in validation",
    "shared rows": "leaked rows",
    "spread of the inputs": "validation scaled differently",
    "rises of the rate": "schedule too short",
    "log against rows": "sums for means",
    "labels against the source": "shuffled labels",
}
EPOCHS, HIDDEN, RATE, TOP_RATE, BATCH, DROPPED = 25, 64, 0.1, 1.0, 32, 0.3
#: Training and validation rows by data set; what is left is for testing.
ROWS = {"digits": (800, 400), "breast cancer": (280, 140)}


@dataclass
class Run:
    """One run: both curves, and what each experiment measures."""

    train: list[float] = field(default_factory=list)
    val: list[float] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)


@cache
def _rows(data: str) -> tuple[Floats, Any]:
    from sklearn.datasets import load_breast_cancer, load_digits

    return (load_digits if data == "digits" else load_breast_cancer)(return_X_y=True)


def _softmax(z: Floats) -> Floats:
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


class _Network:
    """Two layers, dropout between them, and cross-entropy; with a softmax before it, if it is the double one."""

    def __init__(self, inputs: int, classes: int, double: bool, rng: np.random.Generator):
        self.first = rng.uniform(-1, 1, (inputs, HIDDEN)) / math.sqrt(inputs)
        self.second = rng.uniform(-1, 1, (HIDDEN, classes)) / math.sqrt(HIDDEN)
        self.double, self.rng = double, rng

    def forward(self, x: Floats, dropout: bool) -> tuple[Floats, Floats]:
        hidden = np.maximum(x @ self.first, 0)
        if dropout:
            hidden = hidden * (self.rng.random(hidden.shape) >= DROPPED) / (1 - DROPPED)
        return hidden, hidden @ self.second

    def row_losses(self, logits: Floats, y: Any) -> Floats:
        given = _softmax(logits) if self.double else logits
        return -np.log(_softmax(given)[np.arange(len(y)), y])

    def step(self, x: Floats, y: Any, rate: float) -> float:
        """Train on one batch and return its loss."""
        hidden, logits = self.forward(x, dropout=True)
        p = _softmax(logits)
        error = (_softmax(p) if self.double else p) - np.eye(p.shape[1])[y]
        if self.double:  # through the first softmax
            error = p * (error - (error * p).sum(axis=1, keepdims=True))
        loss = float(self.row_losses(logits, y).mean())
        down = (error @ self.second.T) * (hidden > 0) / (1 - DROPPED)
        self.second -= rate * hidden.T @ error / len(y)
        self.first -= rate * x.T @ down / len(y)
        return loss

    def loss(self, x: Floats, y: Any, dropout: bool = False) -> float:
        return float(self.row_losses(self.forward(x, dropout)[1], y).mean())


def _scaled(x: Floats, train: Any, val: Any, kind: str) -> tuple[Floats, Floats]:
    """Standardize both by the training rows; or bring the validation rows to between 0 and 1 instead."""
    middle, spread = x[train].mean(axis=0), x[train].std(axis=0)
    spread[spread == 0] = 1.0
    scaled = (x[train] - middle) / spread
    if kind != "validation scaled differently":
        return scaled, (x[val] - middle) / spread
    low, reach = x[train].min(axis=0), np.ptp(x[train], axis=0)
    reach[reach == 0] = 1.0
    return scaled, (x[val] - low) / reach


def _rates(kind: str, steps: int) -> Floats:
    """Return the rate of each step; a cosine of a tenth of the run's length turns round, again and again."""
    if kind != "schedule too short":
        return np.full(steps, RATE)
    return TOP_RATE * (1 + np.cos(np.pi * np.arange(steps) / (steps / 10))) / 2


def train_with(kind: str, data: str, split: int, seed: int) -> Run:
    """Train a network on digits or on breast cancer with one fault.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    data : {"digits", "breast cancer"}
    split, seed : int
        Which rows, and everything else that is drawn.

    Returns
    -------
    Run
    """
    x, y = _rows(data)
    n_train, n_val = ROWS[data]
    order = np.random.default_rng([split, 12]).permutation(len(y))
    rng = np.random.default_rng([seed, 12])
    train, val = order[:n_train], order[n_train : n_train + n_val]
    shared = round(n_val * rng.uniform(0.85, 0.95)) if kind == "leaked rows" else 0
    val = np.concatenate([rng.choice(train, shared, replace=False), val[shared:]])
    train_x, val_x = _scaled(x, train, val, kind)
    train_y = rng.permutation(y[train]) if kind == "shuffled labels" else y[train]
    classes = int(y.max()) + 1
    net = _Network(x.shape[1], classes, kind == "double softmax", rng)
    batches = math.ceil(n_train / BATCH)
    rates = _rates(kind, EPOCHS * batches)
    noisy, factor = kind == "dropout in validation", (n_val / BATCH if kind == "sums for means" else 1.0)
    run, means = Run(), []
    for epoch in range(EPOCHS):
        cut = np.array_split(rng.permutation(n_train), batches)
        losses = [net.step(train_x[rows], train_y[rows], rates[epoch * batches + k]) for k, rows in enumerate(cut)]
        means.append(float(np.mean(losses)))
        run.train.append(losses[-1] if kind == "last batch logged" else means[-1])
        run.val.append(factor * net.loss(val_x, y[val], noisy))
    certain = np.where(np.arange(classes) == 0, 40.0, 0.0)[None]
    apart = np.array(run.train) - np.array(means)
    run.measured = {
        "loss of a certain answer": float(net.row_losses(certain, np.array([0]))[0]),
        "log against batches": float(np.abs(apart[-5:]).max()),
        "evaluate twice": abs(net.loss(val_x, y[val], noisy) - net.loss(val_x, y[val], noisy)),
        "shared rows": float(np.isin(val, train).sum()),
        "spread of the inputs": float(np.median(val_x.std(axis=0)) / np.median(train_x.std(axis=0))),
        "rises of the rate": float((np.diff(np.sign(np.diff(rates))) > 0).sum()),
        "log against rows": factor,
        "labels against the source": float((train_y != y[train]).mean()),
    }
    return run
