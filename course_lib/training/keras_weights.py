"""Sample weights in `course_lib.keras`: the loss of each row, and means by weights."""

from __future__ import annotations

import copy
from typing import Any

import keras
from keras import ops

from course_lib.training.keras_losses import Accuracy, WeightedCrossEntropy, counted_labels, is_label_loss

__all__ = ["weighted_loss", "weighted_metric"]


def weighted_loss(criterion: Any, y: Any, output: Any, weights: Any) -> tuple[Any, Any]:
    """Return the mean loss by sample weights, and what it counts in the mean over batches: the sum of the weights.

    Stock Keras divides by the number of rows instead. Where all weights are 0, the loss is 0.
    """
    losses, counts = _of_rows(criterion, y, output)
    weights = ops.cast(weights, "float32")
    total = ops.sum(_where_counted(weights, weights * ops.cast(losses, "float32")))
    count = ops.sum(weights * ops.cast(counts, "float32"))
    return ops.divide_no_nan(total, count), count


def _where_counted(weights: Any, values: Any) -> Any:
    """Return the values, 0 where the weight is: NaN there must not spoil a sum."""
    return ops.where(weights > 0, values, ops.zeros_like(values))


def _of_rows(criterion: Any, y: Any, output: Any) -> tuple[Any, Any]:
    """Return each row's loss, and what the row counts; their sums make the mean that `mean_loss` returns."""
    if len(output.shape) == len(y.shape) == 1:  # where Keras's losses would take the mean over the rows
        y, output = ops.expand_dims(y, -1), ops.expand_dims(output, -1)
    if isinstance(criterion, WeightedCrossEntropy):
        return criterion.of_rows(y, output)
    values = _without_mean(criterion)(y, output)
    if len(values.shape) == 0:
        raise ValueError(
            "the loss returns one number for a batch, and sample weights need the loss of each row; use a loss by "
            "name, a Keras loss object, or a function that returns one number a row"
        )
    counted = counted_labels(criterion, y, output)
    if counted is None:
        counted = getattr(values, "_keras_mask", None)
    if counted is None and not is_label_loss(criterion):
        return _rows(values, ops.mean), ops.ones_like(_rows(values, ops.mean))
    counted = ops.ones_like(values) if counted is None else ops.cast(ops.reshape(counted, ops.shape(values)), "float32")
    return _rows(ops.cast(values, "float32") * counted, ops.sum), _rows(counted, ops.sum)


def _rows(values: Any, reduced: Any) -> Any:
    """Reduce all but the first dimension."""
    return reduced(values, axis=tuple(range(1, len(values.shape)))) if len(values.shape) > 1 else values


def _without_mean(criterion: Any) -> Any:
    """Return the same loss, giving one number a row."""
    if not isinstance(criterion, keras.losses.Loss):
        return criterion
    if criterion.reduction == "sum":
        raise ValueError("the loss has reduction='sum', and sample weights make a mean; leave reduction as it is")
    each = copy.copy(criterion)
    each.reduction = None
    return each


def weighted_metric(metric: Any, y: Any, output: Any, weights: Any) -> tuple[Any, Any]:
    """Return the metric's mean by sample weights, and the sum of the weights."""
    weights = ops.cast(weights, "float32")
    if isinstance(metric, Accuracy):
        values, counted = metric.of_labels(y, output)
        values = ops.cast(values, "float32")
        counted = ops.ones_like(values) if counted is None else ops.cast(counted, "float32")
        rows = ops.shape(weights)[0]
        values, counted = (_rows(ops.reshape(part, (rows, -1)), ops.sum) for part in (values * counted, counted))
    else:
        values = ops.cast(metric(y, output), "float32")
        if len(values.shape) == 0:
            raise ValueError(
                "a metric that returns one number for a batch cannot be weighted; return one a row, or use a metric "
                "of course_lib.training.metrics"
            )
        values = _rows(values, ops.mean)
        counted = ops.ones_like(values)
    total, count = ops.sum(_where_counted(weights, weights * values)), ops.sum(weights * counted)
    return ops.divide_no_nan(total, count), count
