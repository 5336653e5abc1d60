"""Columns of packed numbers that grow together, and the mean over one of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["NAN", "append_row", "weighted_mean"]

NAN = math.nan


def append_row(columns: dict[str, array[float]], row: Mapping[str, float], length: int) -> None:
    """Add a row, so that each column has `length` entries; what a column or the row lacks is NaN."""
    for name in row:
        if name not in columns:
            columns[name] = array("d", [NAN]) * (length - 1)
    for name, column in columns.items():
        column.append(row.get(name, NAN))


def weighted_mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the mean of `values` by their weights; NaN where nothing counts."""
    column, parts = np.array(values), np.array(weights, dtype=np.float64)
    total = parts.sum()
    if not parts.all():  # a batch of weight 0 has no loss: NaN there must not spoil the mean
        column, parts = column[parts != 0], parts[parts != 0]
    return float(np.dot(column, parts) / total) if total else NAN
