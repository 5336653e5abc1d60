"""What every metric of two classes has in common: its rows, checked, as NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_lib.training.batching import off_device

__all__ = ["Array", "Binary"]

Array = NDArray[Any]


def _numbers(values: Any) -> Array:
    return np.asarray(off_device(values))


class Binary:
    """A metric of two classes: one output a row, and targets 0 and 1."""

    name = ""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def update(self, outputs: Any, targets: Any, weights: Any = None) -> None:
        """Take some rows.

        Parameters
        ----------
        outputs : array or tensor of shape (n,) or (n, 1)
            One logit a row, as ``"binary_cross_entropy"`` takes them.
        targets : array or tensor with as many entries
            0 or 1.
        weights : array or tensor of shape (n,), optional
            What each row counts; 1 by default.
        """
        outputs, targets = _numbers(outputs), _numbers(targets)
        scores, rows = outputs.reshape(-1).astype(np.float64), len(outputs) if outputs.ndim else 0
        if outputs.ndim == 0 or scores.size != rows:
            raise ValueError(
                f"{self.name} is of two classes and takes one output a row, shape ({rows},) or ({rows}, 1), but the "
                f"outputs have shape {outputs.shape}"
            )
        if targets.size != rows or (targets.ndim and len(targets) != rows):
            raise ValueError(f"there are {rows} outputs but targets of shape {targets.shape}; expected as many")
        self.check_targets(targets)
        counts = np.ones(rows) if weights is None else _numbers(weights).reshape(-1).astype(np.float64)
        if len(counts) != rows:
            raise ValueError(f"there are {rows} outputs but {len(counts)} weights; expected as many")
        counted = counts != 0
        self._take(scores[counted], targets.reshape(-1)[counted] == 1, counts[counted])

    def check_targets(self, targets: Any) -> None:
        """Raise unless all targets are 0 or 1."""
        targets = _numbers(targets)
        wrong = targets[(targets != 0) & (targets != 1)]
        if wrong.size:
            raise ValueError(f"a target is {wrong.flat[0]}; {self.name} is of two classes and expects targets 0 and 1")

    def _take(self, scores: Array, positive: Array, weights: Array) -> None:
        raise NotImplementedError
