"""Lesson 03: batch size and learning rate against the noise of the batch curve, trained live in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.notebook.explorer.base import Explorer, Scene, Slider, canvas, plain_numbers
from course_lib.plots import TRAIN, VALIDATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["batch_noise"]

EPOCHS = 4
SIZES = [8, 16, 32, 64, 128, 256]
RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]


@cache
def _digits() -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return 1,437 training and 360 validation rows of the digits; pixels from 0 to 1, a constant last."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x = np.hstack([x / 16, np.ones((len(x), 1))]).astype(np.float32)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=360, stratify=y, random_state=0)
    return x_train, y_train, x_val, y_val


def _losses(x: Floats, y: NDArray[np.int64], w: Floats) -> Floats:
    """Cross-entropy of each row, from logits; log-sum-exp, so that large logits do not overflow."""
    z = x @ w
    z -= z.max(axis=1, keepdims=True)
    return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]


@cache
def _train(size: int, rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], Floats]:
    """Train softmax regression; return batch losses, their places in epochs, val losses, row losses at the end."""
    x, y, x_val, y_val = _digits()
    rng = np.random.default_rng(0)
    w = np.zeros((x.shape[1], 10), np.float32)
    hot = np.eye(10, dtype=np.float32)[y]
    per_epoch = -(-len(x) // size)
    batch, val = np.empty(EPOCHS * per_epoch), np.empty(EPOCHS)
    k = 0
    for epoch in range(EPOCHS):
        order = rng.permutation(len(x))
        shuffled, targets = x[order], hot[order]
        for start in range(0, len(x), size):
            rows, target = shuffled[start : start + size], targets[start : start + size]
            p = rows @ w
            p -= p.max(axis=1, keepdims=True)
            np.exp(p, out=p)
            p /= p.sum(axis=1, keepdims=True)
            batch[k] = -np.log(np.maximum((p * target).sum(axis=1), 1e-30)).mean()
            p -= target
            w -= (rate / len(rows)) * (rows.T @ p)
            k += 1
        val[epoch] = _losses(x_val, y_val, w).mean()
    return batch, (np.arange(len(batch)) + 1) / per_epoch, val, _losses(x, y, w)


def _scatter(batch: NDArray[np.float64]) -> float:
    """Return the standard deviation around the straight line through the batch losses of one epoch.

    The line takes up two degrees of freedom, which counts where an epoch has few batches.
    """
    steps = np.arange(len(batch))
    return float((batch - np.polyval(np.polyfit(steps, batch, 1), steps)).std(ddof=2))


def _verdict(batch: NDArray[np.float64], val: NDArray[np.float64]) -> str:
    """Return what the run says about its steps: too large, too small for their number, or not at the end yet."""
    if any(val[i] > 1.1 * val[:i].min() for i in range(1, len(val))):
        return " The steps are too large: validation loss rises again from one epoch to a later one."
    if batch.max() > 2 * batch[0]:
        return f" The steps are large: a batch's loss went up to {batch.max():.1f}, and began at {batch[0]:.1f}."
    if val[-1] > 0.8 * batch[0]:
        return f" {len(batch)} steps of this size are few: training has hardly begun."
    if val[-2] - val[-1] > 0.05:
        return " Validation loss is still falling: more epochs would lower it further."
    return ""


def _beside_the_line(noise: float, expected: float, per_epoch: int) -> str:
    """Return why the star lies off the line, if it does."""
    if noise < 0.8 * expected:
        why = (
            f"{per_epoch} batches are few to measure a scatter by"
            if per_epoch < 20
            else "the rows' losses drew apart during the epoch, and the line holds for its end"
        )
        return f" The star lies below the dotted line: {why}."
    if noise > 1.25 * expected:
        return " The star lies above the dotted line: the weights move so much that this adds scatter of its own."
    return ""


def _picture(values: Mapping[str, Any]) -> Scene:
    size, rate = values["batch_size"], values["lr"]
    batch, at, val, rows = _train(size, rate)
    per_epoch = len(batch) // EPOCHS
    train = batch.reshape(EPOCHS, per_epoch).mean(axis=1)
    noise = _scatter(batch[-per_epoch:])
    figure, (left, right) = canvas(2)

    left.plot(at, batch, color="#7FA8C9", linewidth=0.7, label="each batch")
    epochs = np.arange(1, EPOCHS + 1)
    for look, place, y in ((TRAIN, epochs - 0.5, train), (VALIDATION, epochs, val)):
        left.plot(place, y, color=look.color, linestyle=look.linestyle, marker=look.marker, label=look.label)
    top = max(3.2, float(np.percentile(batch, 99)), float(val.max()))
    left.set(xlabel="epoch", ylabel="loss (cross-entropy, nats)", ylim=(0, top), xlim=(0, EPOCHS + 0.1))
    left.set_title(f"batch size {size}, learning rate {rate:g}")
    left.legend(loc="upper right", fontsize=8)

    expected = rows.std() / np.sqrt(SIZES)
    right.loglog(SIZES, expected, color="#555555", linestyle=":", marker=".", label="if the weights stood still")
    right.plot(
        [size], [noise], marker="*", markersize=13, color=TRAIN.color, linestyle="none", label="this run, last epoch"
    )
    right.set(xlabel="batch size (rows)", ylabel="scatter of batch losses", ylim=(1e-3, 2))
    right.set_xticks(SIZES, [str(s) for s in SIZES])
    right.minorticks_off()
    plain_numbers(right.yaxis)
    right.set_title("scatter and batch size")
    right.legend(loc="best", fontsize=8)

    words = (
        f"The batch losses of the last epoch scatter by {noise:.3f} around their trend, near {train[-1]:.3f}; "
        f"validation loss ends at {val[-1]:.3f} after {EPOCHS * per_epoch} updates."
    )
    words += _verdict(batch, val) + _beside_the_line(noise, expected[SIZES.index(size)], per_epoch)
    alt = (
        f"Left: loss of {len(batch)} batches over {EPOCHS} epochs, from {batch[0]:.2f} at first; epoch means "
        f"{train[0]:.2f} to {train[-1]:.2f}, validation {val[0]:.2f} to {val[-1]:.2f}. "
        f"Right: scatter of the batch losses against batch size, {noise:.3f} at {size}."
    )
    return Scene(figure, alt, words)


def batch_noise() -> Explorer:
    """Explore how batch size and learning rate shape the noise of the batch curve.

    Softmax regression is trained on the digits at every move: four epochs in NumPy, well under 200 ms.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> scene = batch_noise().answer({"batch_size": 128})
    >>> scene.words.startswith("Batch size 128 (was 32).")
    True
    """
    return Explorer(
        "Batch size and learning rate against noise",
        [Slider("batch_size", "Batch size", SIZES, 32, "rows"), Slider("lr", "Learning rate", RATES, 0.1)],
        _picture,
        recording=Path(__file__).parent / "recorded" / "batch_noise.json.gz",
    )
