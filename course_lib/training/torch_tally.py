"""The numbers of `course_lib.pytorch`'s batches: kept while it trains, and read off the device all together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.training.means import Numbers
from course_lib.training.measures import Measures
from course_lib.training.torch_batches import GROUP, ArrayBatches, LoaderBatches
from course_lib.training.torch_losses import LabelLoss, Metric, batch_weights, mean_of, per_sample_losses, sums
from course_lib.training.torch_weights import row_counts, taking_weights

__all__ = ["Tally", "is_weighted"]


def is_weighted(criterion: Callable[..., Tensor], *every: ArrayBatches | LoaderBatches | None) -> bool:
    """Whether a batch's loss may count something else than its number of rows in the mean, sample weights aside."""
    if not isinstance(criterion, LabelLoss) or criterion.reduction not in ("mean", "sum"):
        return False
    if criterion.weight is not None:
        return True
    arrays = [batches for batches in every if batches is not None]
    return not all(
        isinstance(b, ArrayBatches) and b.y.ndim == 1 and bool((b.y != criterion.ignore_index).all()) for b in arrays
    )


class Tally:
    """Holds the losses and outputs of some batches until their numbers are read all together.

    Reading one number makes a GPU wait, and a metric on 2,048 rows costs as much as one on 32.

    Attributes
    ----------
    loss : callable
        Called as ``loss(output, target)``, and with a batch's sample weights as a third argument where it has them.
    """

    def __init__(
        self, criterion: Callable[..., Tensor], measures: Measures, *every: ArrayBatches | LoaderBatches | None
    ) -> None:
        self.criterion = criterion
        self.loss = taking_weights(criterion, *every)
        self.measures = measures
        self.weighted = is_weighted(criterion, *every)
        self._measures_any = bool(measures.names)
        self._clear()

    def _clear(self) -> None:
        self.losses: list[Any] = []  # numbers on the CPU, tensors on a GPU
        self.sizes: list[int] = []
        self.outputs: list[Tensor] = []
        self.targets: list[Tensor] = []
        self.weights: list[Tensor] = []  # of rows, where there are any
        self.rates: list[Sequence[Any]] = []  # one for each group of parameters

    def begin(self) -> None:
        """Start a pass over the rows: streaming metrics forget the one before."""
        self.measures.streams.begin()

    def results(self) -> dict[str, float]:
        """Return the streaming metrics of this pass."""
        return self.measures.streams.results()

    def add(self, loss: Tensor, output: Tensor, target: Tensor, *weight: Tensor, rates: Sequence[Any] = ()) -> None:
        """Keep what is needed of one batch, cut off from its graph; `rates` are those its step was taken with."""
        self.losses.append(loss.detach() if loss.is_cuda else loss.item())
        self.sizes.append(len(target))
        self.rates.append(rates)
        if self._measures_any:
            self.outputs.append(output.detach())
        if self._measures_any or self.weighted or weight:
            self.targets.append(target)
        if weight:
            self.weights.append(weight[0])

    @property
    def full(self) -> bool:
        """Whether it is time to read the numbers."""
        return len(self.losses) >= GROUP

    def take(self) -> list[Numbers]:
        """Return the numbers of the batches kept, one `Numbers` if there are any, and start again."""
        if not self.losses:
            return []
        sizes, losses = self.sizes, self.losses
        if isinstance(losses[0], Tensor):
            losses = torch.stack(losses).tolist()
        weights: Sequence[float] = sizes
        if self.weights:
            weights = self._sums_by_weight([row_counts(self.criterion, target) for target in self.targets])
        elif self.weighted:
            weights = batch_weights(self.criterion, self.targets)
        losses = per_sample_losses(self.criterion, losses, weights)
        columns, counts = {}, {}
        pairs = self._pairs()
        for name, metric in self.measures.means.items():
            columns[name], count = self._column(metric, pairs)
            if count is not None:
                counts[name] = count
        if self.measures.streams:
            for (output, target), weight in zip(pairs, self._weights_of(pairs), strict=True):
                self.measures.streams.update(_array(output), _array(target), weight)
        self._clear()
        return [Numbers(losses, sizes, weights, columns, counts)]

    def _pairs(self) -> list[tuple[Tensor, Tensor]]:
        """Return outputs and targets: one pair of all rows, or one a batch where sequences differ in length."""
        if not self._measures_any:
            return []
        joins = bool(self.measures.streams) or any(metric.per_sample for metric in self.measures.means.values())
        if joins and len({target.shape[1:] for target in self.targets}) == 1:
            return [(_joined(self.outputs), _joined(self.targets))]
        return list(zip(self.outputs, self.targets, strict=True))

    def _weights_of(self, pairs: Sequence[Any]) -> list[np.ndarray | None]:
        if not self.weights:
            return [None] * len(pairs)
        return [_array(weight) for weight in ([_joined(self.weights)] if len(pairs) == 1 else self.weights)]

    def _sums_by_weight(self, values: Sequence[Tensor]) -> list[float]:
        """Return each batch's sum of its rows' values, each times its row's weight."""
        rows, weights = _joined(values).double(), _joined(self.weights).double()
        return sums(torch.where(weights > 0, rows * weights, 0.0), self.sizes)

    def _column(self, metric: Metric, pairs: Sequence[tuple[Tensor, Tensor]]) -> tuple[list[float], Any]:
        """Return the metric's mean of each batch, and what each counts where that is not its number of rows."""
        over_labels = metric.of_labels is not None and not self.targets[0].is_floating_point()
        if over_labels and (self.weighted or self.weights):
            right, counted = zip(*(metric.of_labels(*pair) for pair in pairs), strict=True)  # type: ignore[misc]
        elif self.weights:
            each = pairs if metric.per_sample else list(zip(self.outputs, self.targets, strict=True))
            right = tuple(_one_a_row(metric.function(*pair), len(pair[1])) for pair in each)
            counted = tuple(torch.ones_like(values) for values in right)
        elif metric.per_sample and len(pairs) == 1:
            totals = sums(metric.function(*pairs[0]), self.sizes)
            return [total / size for total, size in zip(totals, self.sizes, strict=True)], None
        else:
            every = zip(self.outputs, self.targets, strict=True)
            return [mean_of(metric.function(output, target)) for output, target in every], None
        total = self._sums_by_weight if self.weights else self._sums
        shares = list(zip(total(right), total(counted), strict=True))
        return [some / count if count else math.nan for some, count in shares], [count for _, count in shares]

    def _sums(self, values: Sequence[Tensor]) -> list[float]:
        return sums(_joined(values), self.sizes)


def _one_a_row(values: Any, rows: int) -> Tensor:
    """Return a metric's value of each row, or say that it gives none."""
    if not isinstance(values, Tensor) or values.ndim == 0 or len(values) != rows:
        raise ValueError(
            "a metric that returns one number for a batch cannot be weighted; return one a row, or use a metric of "
            "course_lib.training.metrics"
        )
    return values.reshape(rows, -1).double().mean(1)


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))


def _array(tensor: Tensor) -> np.ndarray:
    tensor = tensor.cpu()
    return (tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor).numpy()
