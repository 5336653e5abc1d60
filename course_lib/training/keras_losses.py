"""Losses and metrics of `course_lib.keras`: which there are, and what a batch counts in their means."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from course_lib.training.arguments import class_weights
from course_lib.training.keras_streams import keras_stream
from course_lib.training.measures import Measures, sorted_out

__all__ = [
    "IGNORED",
    "Accuracy",
    "WeightedCrossEntropy",
    "counted_labels",
    "describe_loss",
    "is_label_loss",
    "make_loss",
    "make_metrics",
    "mean_loss",
    "mean_of",
    "simplified",
]

IGNORED = -100  # a label that "cross_entropy" leaves out, as in PyTorch


def _named_losses() -> dict[str, Callable[[], keras.losses.Loss]]:
    return {
        "cross_entropy": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=IGNORED),
        "binary_cross_entropy": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
        "mse": keras.losses.MeanSquaredError,
        "mae": keras.losses.MeanAbsoluteError,
    }


def _classes_of_functions() -> dict[Any, Callable[..., keras.losses.Loss]]:
    """A loss object says which labels it leaves out and a function does not, so these functions become objects."""
    losses = keras.losses
    return {
        losses.sparse_categorical_crossentropy: losses.SparseCategoricalCrossentropy,
        losses.categorical_crossentropy: losses.CategoricalCrossentropy,
        losses.binary_crossentropy: losses.BinaryCrossentropy,
        losses.mean_squared_error: losses.MeanSquaredError,
        losses.mean_absolute_error: losses.MeanAbsoluteError,
        losses.huber: losses.Huber,
    }


class WeightedCrossEntropy:
    """Cross-entropy from logits whose mean is over the sum of the class weights, as in PyTorch."""

    ignore_class = IGNORED

    def __init__(self, weights: Sequence[float]) -> None:
        self.weights = np.asarray(weights, dtype="float32")

    def of_labels(self, y: Any) -> Any:
        """Return the weight of each label, 0 where it is left out; shaped like ``y``."""
        counted = ops.not_equal(y, IGNORED)
        weights = ops.take(ops.convert_to_tensor(self.weights), ops.cast(ops.where(counted, y, 0), "int32"))
        return ops.where(counted, weights, 0.0)

    def __call__(self, y: Any, output: Any) -> Any:
        """Return the weighted mean, 0 where all weights are."""
        losses, weights = self._of_labels(y, output)
        return ops.divide_no_nan(ops.sum(losses), ops.sum(weights))

    def of_rows(self, y: Any, output: Any) -> tuple[Any, Any]:
        """Return for each row the sum of its labels' losses, times their weights, and the sum of those weights."""
        rows = ops.shape(output)[0]
        losses, weights = (ops.reshape(part, (rows, -1)) for part in self._of_labels(y, output))
        return ops.sum(losses, axis=1), ops.sum(weights, axis=1)

    def _of_labels(self, y: Any, output: Any) -> tuple[Any, Any]:
        y = ops.reshape(y, ops.shape(output)[:-1])
        weights = self.of_labels(y)
        labels = ops.where(ops.not_equal(y, IGNORED), y, 0)
        losses = keras.losses.sparse_categorical_crossentropy(labels, output, from_logits=True)
        mask = getattr(output, "_keras_mask", None)
        weights = weights if mask is None else weights * ops.cast(mask, "float32")
        return weights * ops.cast(losses, "float32"), weights


def make_loss(loss: Any, class_weight: Sequence[float] | Mapping[int, float] | None) -> Callable[[Any, Any], Any]:
    """Return what is called as ``loss(y_true, y_pred)``."""
    if class_weight is not None:
        return WeightedCrossEntropy(class_weights(class_weight, loss))
    if isinstance(loss, str):
        losses = _named_losses()
        if loss not in losses:
            raise ValueError(f"loss is '{loss}'; expected one of {', '.join(losses)}, or a Keras loss object")
        return losses[loss]()
    if isinstance(loss, type) or not callable(loss):
        hint = f"; write {loss.__name__}() with brackets" if isinstance(loss, type) else ""
        raise TypeError(f"loss is {loss!r}; expected a name or something called as loss(y_true, y_pred){hint}")
    loss = _as_object(loss)
    if getattr(loss, "reduction", "mean") in (None, "none"):
        raise ValueError("the loss has reduction=None and gives one number a sample; leave reduction as it is")
    return loss


def _as_object(loss: Any) -> Any:
    """Return the loss object that computes the same as a function of `keras.losses`, or a partial of one."""
    function, settings = loss, {}
    if isinstance(loss, functools.partial) and not loss.args:
        function, settings = loss.func, loss.keywords
    made = next((cls for known, cls in _classes_of_functions().items() if known is function), None)
    try:
        return loss if made is None else made(**settings)
    except TypeError:  # a setting that only the function has
        return loss


def describe_loss(criterion: Any) -> str:
    """Return a loss and its settings in words, by which a checkpoint knows it again."""
    if isinstance(criterion, WeightedCrossEntropy):
        return f"WeightedCrossEntropy(weights={criterion.weights.tolist()})"
    if isinstance(criterion, keras.losses.Loss):
        told = {
            name: value
            for name, value in criterion.get_config().items()
            if (name, value) not in _UNTOLD and name not in ("name", "fn")
        }
        return f"{type(criterion).__name__}({', '.join(f'{n}={v}' for n, v in told.items())})"
    return str(getattr(criterion, "__qualname__", repr(criterion)))


_UNTOLD = (("ignore_class", None), ("ignore_class", IGNORED))  # `simplified` turns one into the other


def is_label_loss(criterion: Any) -> bool:
    """Whether the loss takes one whole-number label a row."""
    return isinstance(criterion, keras.losses.SparseCategoricalCrossentropy | WeightedCrossEntropy)


def counted_labels(criterion: Any, y: Any, output: Any) -> Any:
    """Return which labels (or rows) count, as `True` and `False`, or `None` where all do.

    Those that `ignore_class` names do not, nor those that the model masks, as an `Embedding` with
    ``mask_zero=True`` does for the end of short sequences.
    """
    mask = getattr(output, "_keras_mask", None)
    ignored = getattr(criterion, "ignore_class", None)
    if ignored is None:
        return mask
    counted = ops.not_equal(y, ops.cast(ignored, y.dtype))
    if mask is None:
        return counted
    return ops.logical_and(ops.reshape(counted, ops.shape(mask)), mask)


def mean_loss(criterion: Any, y: Any, output: Any) -> tuple[Any, Any]:
    """Return the batch's loss, and what it counts in the mean over batches."""
    values = criterion(y, output)
    counted = counted_labels(criterion, y, output)
    if counted is None:
        counted = getattr(values, "_keras_mask", None)  # of a function that calls one of Keras's
    if isinstance(criterion, WeightedCrossEntropy):
        weights = criterion.of_labels(y)
        mask = getattr(output, "_keras_mask", None)
        weight = ops.sum(weights if mask is None else ops.reshape(weights, ops.shape(mask)) * ops.cast(mask, "float32"))
    elif counted is not None:
        weight = ops.sum(ops.cast(counted, "float32"))
    else:
        weight = ops.cast(ops.size(y) if is_label_loss(criterion) else ops.shape(y)[0], "float32")
    if counted is not None and 0 < len(values.shape) == len(counted.shape):  # one number a label, from a function
        total = ops.sum(values * ops.cast(counted, values.dtype))
        return ops.divide_no_nan(total, ops.cast(weight, total.dtype)), weight
    return ops.mean(values), weight


# ---------------------------------------------------------------------------- metrics


class Accuracy(NamedTuple):
    """The share of outputs that are right, among the labels that count."""

    threshold: float
    criterion: Any

    def counts(self, y: Any, output: Any) -> tuple[Any, Any]:
        """Return how many labels are right, and how many count."""
        right, counted = self.of_labels(y, output)
        if counted is None:
            return ops.sum(ops.cast(right, "float32")), ops.cast(ops.size(right), "float32")
        return ops.sum(ops.cast(ops.logical_and(right, counted), "float32")), ops.sum(ops.cast(counted, "float32"))

    def of_labels(self, y: Any, output: Any) -> tuple[Any, Any]:
        """Return for each label whether it is right, and whether it counts, `None` where all do."""
        if len(output.shape) > 1 and output.shape[-1] > 1:
            if len(y.shape) == len(output.shape):  # one-hot, or labels in a column
                y = ops.argmax(y, axis=-1) if y.shape[-1] == output.shape[-1] else ops.squeeze(y, axis=-1)
            right = ops.equal(ops.argmax(output, axis=-1), ops.cast(y, "int64"))
            counted = counted_labels(self.criterion, y, output)
        else:
            right = ops.equal(
                ops.reshape(output > self.threshold, (-1,)), ops.reshape(ops.cast(y, "float32") > 0.5, (-1,))
            )
            counted = getattr(output, "_keras_mask", None)
        return ops.reshape(right, (-1,)), None if counted is None else ops.reshape(counted, (-1,))

    def __call__(self, y: Any, output: Any) -> Any:
        """Return the share, 0 where no label counts."""
        return ops.divide_no_nan(*self.counts(y, output))


def _from_logits(criterion: Any) -> bool:
    config = criterion.get_config() if isinstance(criterion, keras.losses.Loss) else {}
    return bool(config.get("from_logits", True))


def _difference(y: Any, output: Any) -> Any:
    return output - ops.reshape(ops.cast(y, output.dtype), ops.shape(output))


def _mae(y: Any, output: Any) -> Any:
    return _mean_of_rows(ops.abs(_difference(y, output)))


def _mse(y: Any, output: Any) -> Any:
    return _mean_of_rows(ops.square(_difference(y, output)))


def _mean_of_rows(values: Any) -> Any:
    return ops.mean(values, axis=tuple(range(1, len(values.shape)))) if len(values.shape) > 1 else values


def make_metrics(metrics: Sequence[Any] | Mapping[str, Any], criterion: Any) -> Measures:
    """Return the metrics by name; those that are means as functions of ``(y_true, y_pred)``."""
    threshold = 0.0 if _from_logits(criterion) else 0.5
    known: dict[str, Any] = {"accuracy": Accuracy(threshold, criterion), "mae": _mae, "mse": _mse}

    def mean(metric: Any) -> Any:
        if isinstance(metric, str):
            return known.get(metric)
        return metric if callable(metric) and not isinstance(metric, type) else None

    return sorted_out(metrics, known, mean, keras_stream, threshold=threshold, function="(y_true, y_pred)")


def simplified(criterion: Any, measures: Measures, *every: Any) -> tuple[Any, Measures]:
    """Return the loss and the metrics without the search for ignored labels, where arrays hold none; it costs time."""
    named = isinstance(criterion, keras.losses.SparseCategoricalCrossentropy)
    arrays = [batches.host[1] for batches in every if batches is not None and not batches.own_batches]
    all_arrays = len(arrays) == sum(batches is not None for batches in every)
    if not named or getattr(criterion, "ignore_class", None) != IGNORED or not all_arrays:
        return criterion, measures
    if any((y == IGNORED).any() for y in arrays):
        return criterion, measures
    plain = keras.losses.SparseCategoricalCrossentropy.from_config({**criterion.get_config(), "ignore_class": None})
    means = {n: m._replace(criterion=plain) if isinstance(m, Accuracy) else m for n, m in measures.means.items()}
    return plain, measures._replace(means=means)


def mean_of(values: Any) -> Any:
    """Return what a metric gave as one number, the mean where it gave one a sample."""
    return ops.mean(ops.cast(values, "float32"))
