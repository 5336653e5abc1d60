"""Sample weights: what each row counts in the loss and in the metrics, checked before they are used.

Both trainers divide by the sum of the weights. So weights that are all 5 change nothing, a row of weight 2 counts like
the row given twice, and an epoch's mean does not depend on how its rows were cut into batches. With `class_weight` a
row counts the product of both. The frameworks themselves have other conventions: torch's ``CrossEntropyLoss(weight=…)``
divides by the weights of the batch's labels, Keras's compiled loss by the number of rows, whatever their weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.batching import PARTS, as_array, described, off_device

__all__ = ["check_some_count", "check_weights", "parts_of", "weights_of"]


def parts_of(name: str, data: tuple[Any, ...] | list[Any]) -> tuple[Any, Any, Any]:
    """Return x, y and the weights, `None` where there are none, or say what is wrong."""
    if len(data) not in (2, 3):
        raise ValueError(f"{name} is {described(data)}; expected {PARTS}")
    x, y, *weight = data
    return x, y, weight[0] if weight else None


def weights_of(name: str, values: Any, rows: int, dtype: str = "float32") -> np.ndarray:
    """Return an array of one weight a row, or say what is wrong."""
    array = as_array(f"{name} weight", off_device(values))
    with np.errstate(over="ignore"):
        array = array.astype(dtype)
    check_weights(name, array, rows)
    check_some_count(name, float(array.sum(dtype=np.float64)), rows)
    return array


def check_weights(name: str, weights: np.ndarray, rows: int) -> None:
    """Raise unless there is one weight a row, finite and at least 0."""
    if weights.shape != (rows,):
        hint = "; try weight.reshape(-1)" if weights.size == rows else ""
        raise ValueError(
            f"{name} has {rows} rows but weights of shape {weights.shape}; expected one weight a row, shape "
            f"({rows},){hint}"
        )
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if wrong.size:
        more = f", and {wrong.size - 1} more are wrong" if wrong.size > 1 else ""
        raise ValueError(
            f"the weight of row {wrong[0]} of {name} is {weights[wrong[0]]}{more}; expected finite numbers, at least 0"
        )


def check_some_count(name: str, total: float, rows: int | None = None) -> None:
    """Raise where all weights are 0."""
    if not total:
        every = "all weights" if rows is None else f"all {rows} weights"
        raise ValueError(f"{every} of {name} are 0, so no row counts; expected at least one above 0")
