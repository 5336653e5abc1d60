"""Sample weights in `course_lib.pytorch`: the loss of each row, and the mean by weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.training.torch_batches import ArrayBatches, LoaderBatches
from course_lib.training.torch_losses import LabelLoss

__all__ = ["RowWeighted", "row_counts", "taking_weights"]


class RowWeighted:
    """A loss that also takes a weight a row: the weighted mean, divided by the sum of the weights."""

    def __init__(self, criterion: Callable[..., Tensor]) -> None:
        self.criterion = criterion
        self._each: Any = None

    def __call__(self, output: Any, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss; 0, with gradients of 0, where all weights are 0."""
        if weight is None:
            return self.criterion(output, target)
        if self._each is None:
            self._each = _without_mean(self.criterion)
        losses = self._each(output, target)
        if losses.ndim == 0 or len(losses) != len(target):
            raise ValueError(f"with reduction='none' the loss has shape {tuple(losses.shape)}; {_EXPECTED}")
        losses, counts = losses.reshape(len(target), -1), row_counts(self.criterion, target)
        rows = losses.sum(1) if isinstance(self.criterion, LabelLoss) else losses.mean(1)
        count = (weight * counts).sum()
        return torch.where(weight > 0, weight * rows, 0.0).sum() * (count > 0) / count.where(count > 0, 1.0)


_EXPECTED = "sample weights need the loss of each row"


def _without_mean(criterion: Any) -> Any:
    """Return the same loss, giving one number a row, or say that it cannot."""
    reduction = getattr(criterion, "reduction", None)
    if not isinstance(criterion, nn.Module) or reduction is None:
        name = getattr(criterion, "__name__", type(criterion).__name__)
        raise ValueError(
            f"the loss {name} returns one number for a batch, and {_EXPECTED}; use a loss by name, or one of torch's "
            "modules or functions"
        )
    if reduction != "mean":
        raise ValueError(f"the loss has reduction='{reduction}', and sample weights make a mean; use reduction='mean'")
    each: Any = copy.copy(criterion)
    each.reduction = "none"
    return each


def row_counts(criterion: Any, target: Tensor) -> Tensor:
    """Return what each row counts in the loss's mean before its own weight does.

    That is 1, but for a loss of labels the number of labels that are not `ignore_index`, or the sum of their class
    weights.
    """
    if not isinstance(criterion, LabelLoss):
        return torch.ones(len(target), dtype=torch.float32, device=target.device)
    if target.is_floating_point():  # probabilities of classes, which stand in dimension 1
        return torch.full((len(target),), target[0].numel() / target.shape[1], device=target.device)
    counted = target != criterion.ignore_index
    counts = counted.float() if criterion.weight is None else criterion.weight[target.where(counted, 0)] * counted
    return counts.reshape(len(target), -1).sum(1)


def taking_weights(criterion: Callable[..., Tensor], *every: ArrayBatches | LoaderBatches | None) -> Any:
    """Return the loss itself where no batch can have weights, so that it costs nothing there."""
    given = [batches for batches in every if batches is not None]
    if all(isinstance(batches, ArrayBatches) and batches.weight is None for batches in given):
        return criterion
    return RowWeighted(criterion)
