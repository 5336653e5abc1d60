"""Lesson 04: capacity, rows and flipped labels against the two curves, over real runs computed beforehand.

The runs come from ``scripts/precompute_capacity.py``: an MLP on two moons, one run for each combination.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.notebook.explorer.base import Explorer, Scene, Slider, canvas
from course_lib.plots import VALIDATION, curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["capacity"]

_FILE = Path(__file__).parent / "material" / "capacity.npz"
#: The loss of giving both classes the same probability, in nats.
_GUESSING = float(np.log(2))


@cache
def _runs() -> tuple[list[int], list[int], list[float], NDArray[np.float64]]:
    """Return hidden units, rows, noise, and runs of shape (hidden, rows, noise, 3, epochs)."""
    with np.load(_FILE) as data:
        noise = [round(float(n), 3) for n in data["noise"]]
        return data["hidden"].tolist(), data["rows"].tolist(), noise, data["runs"].astype(float)


def _verdict(train: NDArray[np.float64], val: NDArray[np.float64], floor: float, reachable: float) -> str:
    """Put the curves into words: first the trend, then the height; the gap decides nothing.

    ``reachable`` is the lowest validation loss of any of the networks on these rows. A loss is high when it
    lies more than a quarter of the way from ``floor``, what the flipped labels alone cost, to guessing.
    """
    best, end, before = int(val.argmin()), float(val[-5:].mean()), float(val[-25:-20].mean())
    rise = end - float(val[best])
    if best < len(val) - 15 and train[-5:].mean() < train[best] and rise > 0.025:
        return (
            f"Overfitting: validation loss turns at epoch {best + 1} and ends {rise:.2f} nats above its lowest value, "
            "while training loss goes on falling."
        )
    if end < before - 0.01:
        return f"Still improving: validation loss falls to the end; guessing costs {_GUESSING:.2f}."
    if end < floor + 0.25 * (_GUESSING - floor):
        return "A good fit: validation loss has come down close to the dotted line and stays there."
    beside = f"Validation loss is flat at {end:.2f}; guessing costs {_GUESSING:.2f}"
    if train[-5:].mean() > floor + 0.15 * (_GUESSING - floor) and end > reachable + 0.1 * (_GUESSING - reachable):
        return (
            f"Underfitting: both losses stay high. {beside}, and another network reaches {reachable:.2f} on these rows."
        )
    return f"Settled, but not low. {beside}, and no network here gets below {reachable:.2f} on these rows."


def _picture(values: Mapping[str, Any]) -> Scene:
    hidden, rows, noise, runs = _runs()
    h, r, n = values["hidden"], values["rows"], values["noise"]
    same_rows = runs[:, rows.index(r), noise.index(n)]
    train, val, accuracy = same_rows[hidden.index(h)]
    floor = float(-(n * np.log(n) + (1 - n) * np.log(1 - n))) if n else 0.0
    figure, (left, right) = canvas(2)
    curves({"train_loss": train, "val_loss": val}, left)
    left.set(ylim=(0, max(1.2, 1.05 * val.max())), ylabel="loss (nats)")
    left.axhline(floor, color="#555555", linestyle=":", linewidth=1.2, label="flipped labels alone")
    left.legend(fontsize=8)
    epochs = np.arange(1, len(accuracy) + 1)
    right.plot(epochs, accuracy, color=VALIDATION.color, linestyle=VALIDATION.linestyle, label="validation")
    right.axhline(1 - n, color="#555555", linestyle=":", linewidth=1.2, label="possible at most, on average")
    right.set(ylim=(0.4, 1.02), xlabel="epoch", ylabel="accuracy (share right)")
    right.legend(fontsize=8, loc="lower right")
    best = int(val.argmin())
    verdict = _verdict(train, val, floor, float(same_rows[:, 1].min()))
    gap = round(val[-1] - train[-1], 2) + 0.0  # no minus before a zero
    words = (
        f"{verdict} Gap at the end {gap:.2f}; accuracy {accuracy[best]:.2f} at the best epoch {best + 1}, "
        f"{accuracy[-1]:.2f} at the end, about {1 - n:.2f} possible."
    )
    alt = (
        f"Left: training loss from {train[0]:.2f} to {train[-1]:.2f}, validation loss lowest {val[best]:.2f} at epoch "
        f"{best + 1}, {val[-1]:.2f} at the end. Right: validation accuracy, {accuracy[-1]:.2f} at the end."
    )
    return Scene(figure, alt, words)


def capacity() -> Explorer:
    """Explore 64 real runs: hidden units, training rows and share of flipped labels.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> capacity().answer({"hidden": 128, "rows": 50, "noise": 0.3}).words.split(":")[0].endswith("Overfitting")
    True
    """
    hidden, rows, noise, _ = _runs()
    return Explorer(
        "Capacity, rows and flipped labels",
        [
            Slider("hidden", "Hidden units", hidden, 32),
            Slider("rows", "Training rows", rows, 100),
            Slider("noise", "Flipped labels", noise, 0.1),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "capacity.json.gz",
    )
