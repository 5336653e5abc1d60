"""From rows to a split, scaled data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_lib.data.rows import Data, Rows, Scaler

__all__ = ["make_data"]


def make_data(
    name: str,
    x: NDArray[Any],
    y: NDArray[Any],
    index: dict[str, NDArray[np.int64]],
    *,
    scale: str = "standard",
    unit: float = 1.0,
    classes: Sequence[str] = (),
    features: Sequence[str] = (),
    groups: NDArray[Any] | None = None,
    note: str = "",
) -> Data:
    """Scale by the training rows and cut into parts."""
    scaler = None
    transform: Callable[[NDArray[Any]], NDArray[np.float32]]
    if scale == "standard":
        transform = scaler = Scaler(x[index["train"]])
    elif scale in ("unit", "none"):
        divisor = unit if scale == "unit" else 1.0
        transform = lambda rows: (rows / divisor).astype(np.float32)  # noqa: E731
    else:
        raise ValueError(f"scale is '{scale}'; expected 'standard', 'unit' or 'none'")
    y = y.astype(np.int64) if len(classes) else y.astype(np.float32).reshape(len(y), -1)
    rows = {part: Rows(transform(x[where]), y[where]) for part, where in index.items()}
    return Data(
        rows["train"],
        rows["val"],
        rows.get("test"),
        name=name,
        classes=tuple(map(str, classes)),
        features=tuple(map(str, features)),
        index=index,
        groups={} if groups is None else {part: groups[where] for part, where in index.items()},
        scaler=scaler,
        note=note,
    )
