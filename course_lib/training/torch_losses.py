"""Losses and metrics of `course_lib.pytorch`: which there are, and what a batch counts in their means."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_lib.training.arguments import class_weights
from course_lib.training.measures import Measures, sorted_out
from course_lib.training.torch_streams import torch_stream

__all__ = [
    "ElementwiseLoss",
    "LabelLoss",
    "Metric",
    "accuracy",
    "batch_weights",
    "describe_loss",
    "make_loss",
    "make_metrics",
    "mean_of",
    "per_sample_losses",
    "sums",
]

LOSSES: dict[str, Callable[[], nn.Module]] = {
    "cross_entropy": nn.CrossEntropyLoss,
    "binary_cross_entropy": nn.BCEWithLogitsLoss,
    "mse": nn.MSELoss,
    "mae": nn.L1Loss,
}

#: Losses of one whole-number label a row; those equal to ``ignore_index`` count nothing.
LabelLoss = nn.CrossEntropyLoss | nn.NLLLoss
#: Losses that compare outputs and targets number by number, so both must have the same shape.
ElementwiseLoss = nn.MSELoss | nn.L1Loss | nn.BCEWithLogitsLoss | nn.BCELoss | nn.HuberLoss | nn.SmoothL1Loss

#: A module says how it takes its mean and a function does not, so these functions become modules.
MODULES: dict[Any, Callable[..., nn.Module]] = {
    functional.cross_entropy: nn.CrossEntropyLoss,
    functional.nll_loss: nn.NLLLoss,
    functional.binary_cross_entropy: nn.BCELoss,
    functional.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    functional.mse_loss: nn.MSELoss,
    functional.l1_loss: nn.L1Loss,
    functional.huber_loss: nn.HuberLoss,
    functional.smooth_l1_loss: nn.SmoothL1Loss,
}


def make_loss(loss: Any, class_weight: Sequence[float] | Mapping[int, float] | None) -> Callable[..., Tensor]:
    """Return what is called as ``loss(output, target)``."""
    if class_weight is not None:
        return _safe(nn.CrossEntropyLoss(weight=torch.tensor(class_weights(class_weight, loss))))
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(f"loss is '{loss}'; expected one of {', '.join(LOSSES)}, or a function")
        return LOSSES[loss]()
    if isinstance(loss, type) or not callable(loss):
        hint = f"; write {loss.__name__}() with brackets" if isinstance(loss, type) else ""
        raise TypeError(f"loss is {loss!r}; expected a name or something called as loss(output, target){hint}")
    loss = _as_module(loss)
    if getattr(loss, "reduction", "mean") == "none":
        raise ValueError("the loss has reduction='none' and gives one number a sample; use reduction='mean'")
    return _safe(loss)


def _as_module(loss: Any) -> Any:
    """Return the module that computes the same as a function of `torch.nn.functional`, or a partial of one."""
    function, settings = loss, {}
    if isinstance(loss, functools.partial) and not loss.args:
        function, settings = loss.func, loss.keywords
    made = next((module for known, module in MODULES.items() if known is function), None)
    try:
        return loss if made is None else made(**settings)
    except TypeError:  # a setting that only the function has
        return loss


def describe_loss(criterion: Any) -> str:
    """Return a loss and its settings in words, by which a checkpoint knows it again."""
    if not isinstance(criterion, nn.Module):
        return getattr(criterion, "__qualname__", repr(criterion))
    weight = getattr(criterion, "weight", None)
    values = {name: value for name, value in vars(criterion).items() if name in _TOLD}
    if isinstance(weight, Tensor):
        values["weight"] = weight.tolist()
    return f"{type(criterion).__name__.removeprefix('_Safe')}({', '.join(f'{n}={v}' for n, v in values.items())})"


_TOLD = ("reduction", "ignore_index", "label_smoothing", "delta", "beta")


def _safe(loss: Any) -> Any:
    """Return the loss, or one without its division of zero by zero in a batch whose labels all have weight 0."""
    if type(loss) not in _SAFE or loss.reduction != "mean" or loss.weight is None or bool((loss.weight != 0).all()):
        return loss
    settings = {"label_smoothing": loss.label_smoothing} if isinstance(loss, nn.CrossEntropyLoss) else {}
    return _SAFE[type(loss)](loss.weight, ignore_index=loss.ignore_index, **settings)


def _weighted_mean(loss: Any, total: Callable[..., Tensor], output: Tensor, target: Tensor) -> Tensor:
    """Divide the sum by the sum of the weights; where that is 0, the mean and its gradients are 0 instead of NaN."""
    counted = target != loss.ignore_index
    weight = (loss.weight[target.where(counted, 0)] * counted).sum()
    summed = total(output, target, loss.weight, ignore_index=loss.ignore_index, reduction="sum")
    return summed * (weight > 0) / weight.where(weight > 0, 1.0)


class _SafeCrossEntropy(nn.CrossEntropyLoss):
    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        if target.is_floating_point() or self.reduction == "none":
            return super().forward(output, target)
        total = functools.partial(functional.cross_entropy, label_smoothing=self.label_smoothing)
        return _weighted_mean(self, total, output, target)


class _SafeNLL(nn.NLLLoss):
    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        if self.reduction == "none":
            return super().forward(output, target)
        return _weighted_mean(self, functional.nll_loss, output, target)


_SAFE: dict[type, Callable[..., nn.Module]] = {nn.CrossEntropyLoss: _SafeCrossEntropy, nn.NLLLoss: _SafeNLL}


def batch_weights(criterion: Any, targets: Sequence[Tensor]) -> list[float]:
    """Return what each batch counts in the loss's mean, from its labels.

    PyTorch's cross-entropy divides by the number of labels that are not `ignore_index`, or by the
    sum of their class weights. Targets that are probabilities all count.
    """
    if targets[0].is_floating_point():
        return [target.numel() / target.shape[1] if target.ndim > 1 else len(target) for target in targets]
    labels = torch.cat([target.flatten() for target in targets])
    counted = labels != criterion.ignore_index
    if criterion.weight is None:
        weights = counted.double()
    else:
        weights = criterion.weight.double()[labels.where(counted, 0)] * counted
    return sums(weights, [target.numel() for target in targets])


def per_sample_losses(criterion: Any, losses: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return each batch's mean loss: a sum is divided, and where no label counts there is no mean."""
    summed = getattr(criterion, "reduction", "mean") == "sum"
    pairs = zip(losses, weights, strict=True)
    return [(loss / weight if summed else loss) if weight else math.nan for loss, weight in pairs]


# ---------------------------------------------------------------------------- metrics


class Metric(NamedTuple):
    """A metric; ``per_sample`` ones return one number a sample, the others a mean.

    Where some labels do not count, `of_labels` returns two numbers a sample: how many of its labels
    are right, and how many count.
    """

    function: Callable[[Tensor, Tensor], Any]
    per_sample: bool
    of_labels: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None = None


def accuracy(output: Tensor, target: Tensor, threshold: float = 0.0) -> Tensor:
    """Return for each sample whether the likeliest class is the right one, as 0 or 1; shape ``(n,)``."""
    if output.ndim > 1 and output.shape[1] > 1 and output.ndim == target.ndim + 1:
        right = output.argmax(1) == target
    elif output.ndim > 1 and output.shape[1] > 1 and target.is_floating_point():
        right = output.argmax(1) == target.argmax(1)  # targets are probabilities
    else:
        right = (output > threshold).flatten() == (target > 0.5).flatten()
    return right if right.ndim == 1 else right.reshape(len(output), -1).double().mean(1)


def _labels_right(output: Tensor, target: Tensor, ignore_index: int) -> tuple[Tensor, Tensor]:
    counted = target != ignore_index
    right = (output.argmax(1) == target) & counted
    return right.reshape(len(target), -1).sum(1), counted.reshape(len(target), -1).sum(1)


def _per_sample(error: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def measure(output: Tensor, target: Tensor) -> Tensor:
        difference = output - target.reshape(output.shape)
        return error(difference).reshape(len(output), -1).double().mean(1)

    return measure


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "accuracy": accuracy,
    "mae": _per_sample(torch.abs),
    "mse": _per_sample(torch.square),
}


def make_metrics(metrics: Sequence[Any] | Mapping[str, Any], criterion: Any) -> Measures:
    """Return the metrics by name."""
    threshold = 0.5 if isinstance(criterion, nn.BCELoss) else 0.0

    def mean(metric: Any) -> Metric | None:
        if metric == "accuracy" and isinstance(criterion, LabelLoss):
            return Metric(accuracy, True, functools.partial(_labels_right, ignore_index=criterion.ignore_index))
        if metric == "accuracy":
            return Metric(functools.partial(accuracy, threshold=threshold), True)
        if isinstance(metric, str):
            return Metric(METRICS[metric], True) if metric in METRICS else None
        return Metric(metric, False) if callable(metric) and not isinstance(metric, type) else None

    return sorted_out(metrics, METRICS, mean, torch_stream, threshold=threshold, function="(output, target)")


def sums(values: Tensor, sizes: Sequence[int]) -> list[float]:
    """Add up consecutive stretches of a vector."""
    *most, last = sizes
    if len(set(most)) <= 1:  # equal batches and perhaps a ragged last one
        cut = len(values) - last
        ragged = values[cut:].sum(dtype=torch.float64)
        if not most:
            return [ragged.item()]
        return [*values[:cut].view(len(most), -1).sum(1, dtype=torch.float64).tolist(), ragged.item()]
    return [part.sum(dtype=torch.float64).item() for part in values.split(list(sizes))]


def mean_of(value: Any) -> float:
    """Return what a metric gave as one number, the mean where it gave one a sample."""
    return float(value.double().mean()) if isinstance(value, Tensor) else float(np.mean(value))
