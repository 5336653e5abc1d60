"""Means over batches, each with its weight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Numbers", "column_names", "means", "prefixed", "rate_names", "row_order", "sumprod"]


class Numbers(NamedTuple):
    """The numbers of some batches, one entry a batch in each column."""

    loss: Sequence[float]
    size: Sequence[int]
    weight: Sequence[float]
    metrics: Mapping[str, Sequence[float]]
    counts: Mapping[str, Sequence[float]] = MappingProxyType({})  # of metrics whose means are over labels, not rows

    def upto(self, count: int) -> Numbers:
        """Return the first so many batches."""
        metrics, counts = (
            {name: column[:count] for name, column in columns.items()} for columns in (self.metrics, self.counts)
        )
        return Numbers(self.loss[:count], self.size[:count], self.weight[:count], metrics, counts)


def row_order(seed: int, epoch: int, rows: int) -> NDArray[np.int64]:
    """Return the order in which an epoch takes the rows; it depends on these three numbers only."""
    key = np.array([seed, epoch], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).permutation(rows)


def column_names(metrics: Iterable[str], validates: bool, remeasures: bool, groups: int = 1) -> list[str]:
    """Return the columns that the epoch records of a run will have; each group of parameters has a rate."""
    metrics = list(metrics)
    names = ["train_loss", *(f"train_{name}" for name in metrics)]
    if remeasures:
        names.append("train_loss_remeasured")
    if validates:
        names += ["val_loss", *(f"val_{name}" for name in metrics)]
    return [*names, *rate_names(groups), "seconds", "samples"]


def rate_names(groups: int) -> list[str]:
    """Return what the rates of an optimizer's groups of parameters are called: ``lr``, ``lr_2``, ``lr_3`` and so on."""
    return ["lr", *(f"lr_{number}" for number in range(2, groups + 1))]


def means(parts: Sequence[Numbers]) -> dict[str, float]:
    """Return the loss over all samples (or over the sum of weights), and the metrics over all samples."""
    weights = sum(sum(part.weight) for part in parts)
    samples = sum(sum(part.size) for part in parts)
    if not samples:
        raise ValueError("there is nothing to measure: the loader yielded no batches")
    total = {"loss": sum(sumprod(part.loss, part.weight) for part in parts) / weights if weights else math.nan}
    for name in parts[0].metrics:
        columns = [(part.metrics[name], part.counts.get(name, part.size)) for part in parts]
        count = sum(sum(counts) for _, counts in columns)
        total[name] = sum(sumprod(values, counts) for values, counts in columns) / count if count else math.nan
    return total


def sumprod(values: Sequence[float], weights: Sequence[float]) -> float:
    """Add up the products; what has weight 0 counts nothing, also when it is NaN."""
    return sum(value * weight for value, weight in zip(values, weights, strict=True) if weight)


def prefixed(prefix: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return ``{"val_loss": …}`` for ``{"loss": …}``."""
    return {f"{prefix}_{name}": value for name, value in values.items()}
