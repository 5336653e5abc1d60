"""What `course_lib.keras` checks before the first step, so that a mistake shows as one clear error."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.training.arguments import check_counts
from course_lib.training.batching import described
from course_lib.training.keras_batches import ArrayBatches, LoaderBatches
from course_lib.training.keras_losses import WeightedCrossEntropy, is_label_loss, mean_of
from course_lib.training.keras_weights import weighted_loss, weighted_metric
from course_lib.training.measures import Measures

__all__ = ["check_arguments", "first_line", "try_out"]


def check_arguments(model: Any, **counts: Any) -> None:
    """Raise when the model is no Keras model, or counts are no counts."""
    if isinstance(model, type) or not isinstance(model, keras.Model):
        what = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
        raise TypeError(f"model is {what}; expected a keras.Model object (for torch use course_lib.pytorch)")
    check_counts(**counts)


def try_out(
    model: keras.Model,
    criterion: Any,
    measures: Measures,
    *every: ArrayBatches | LoaderBatches | None,
    names: Sequence[str] = ("train", "val"),
) -> None:
    """Try model and loss on a few rows without training, so that a mistake shows before any step."""
    for batches, name in zip(every, names, strict=False):
        if isinstance(batches, ArrayBatches):
            x, y, weight = batches.host
            few = ops.convert_to_tensor(x[: min(2, batches.batch_size)])
            _try_rows(name, model, criterion, measures, few, y, weight, whole=True)
        elif isinstance(batches, LoaderBatches):
            batches.first_check = _first_check(name, model, criterion, measures)
            if not model.built:
                _build_from(batches)


def _build_from(batches: LoaderBatches) -> None:
    """Let a model that was never called learn its shapes from the first batch."""
    if next(iter(batches.in_order()), None) is None:
        raise ValueError(f"the {batches.name} loader yields no batches")


def _first_check(name: str, model: Any, criterion: Any, measures: Measures) -> Callable[..., None]:
    def check(x: Any, y: Any, weight: Any = None) -> None:
        if len(x.shape) == 0 or len(y.shape) == 0 or len(x) != len(y):
            raise ValueError(
                f"the {name} loader yields x of shape {tuple(x.shape)} and y of shape {tuple(y.shape)}; expected "
                "batches with as many rows in both, such as those of dataset.batch(32)"
            )
        weight = None if weight is None else ops.convert_to_numpy(weight)
        _try_rows(name, model, criterion, measures, x, ops.convert_to_numpy(y), weight)

    return check


def _try_rows(
    name: str,
    model: keras.Model,
    criterion: Any,
    measures: Measures,
    x: Any,
    y: np.ndarray,
    weight: np.ndarray | None,
    whole: bool = False,
) -> None:
    """Check all of `y`, and run model and loss on `x`, which may be the first rows only.

    `whole` says that `y` holds all there is, not one batch of a dataset.
    """
    try:
        output = model(x, training=False)
    except Exception as error:
        raise ValueError(
            f"the model cannot take {name} x of shape {tuple(x.shape)} and dtype "
            f"{keras.backend.standardize_dtype(x.dtype)}: {first_line(error)}"
        ) from error
    if not hasattr(output, "shape"):
        raise ValueError(f"the model returns {described(output)}; expected one tensor of outputs")
    _check_target(name, criterion, output, y)
    _check_labels(name, criterion, output, y, whole)
    if measures.streams:
        measures.streams.check_targets(name, y)
    y, weight = y[: len(x)], None if weight is None else weight[: len(x)]
    target = ops.convert_to_tensor(y)
    try:
        ops.mean(criterion(target, output))
    except Exception as error:
        raise ValueError(
            f"the loss cannot compare outputs of shape {tuple(output.shape)} with {name} y of shape "
            f"{tuple(y.shape)}: {first_line(error)}"
        ) from error
    if weight is not None:
        weighted_loss(criterion, target, output, weight)
    for metric_name in measures.names:
        try:
            _try_metric(measures, metric_name, target, output, weight)
        except Exception as error:
            raise ValueError(
                f"metric '{metric_name}' fails on outputs of shape {tuple(output.shape)} and {name} y of shape "
                f"{tuple(y.shape)}: {first_line(error)}"
            ) from error


def _try_metric(measures: Measures, name: str, y: Any, output: Any, weight: np.ndarray | None) -> None:
    stream = measures.streams.metrics.get(name)
    if stream is not None:
        if getattr(output, "_keras_mask", None) is not None:
            raise ValueError("the model masks some of its outputs, which a streaming metric does not know")
        stream.reset()
        stream.update(ops.convert_to_numpy(ops.cast(output, "float32")), ops.convert_to_numpy(y), weight)
        stream.reset()  # these rows will come again
    elif weight is not None:
        weighted_metric(measures.means[name], y, output, weight)
    else:
        mean_of(measures.means[name](y, output))


def _check_target(name: str, criterion: Any, output: Any, y: np.ndarray) -> None:
    if is_label_loss(criterion):
        if y.dtype.kind == "f":
            raise TypeError(f"{name} y has dtype {y.dtype}; cross-entropy expects labels as whole numbers (int64)")
        if y.ndim >= len(output.shape) and y.shape[-1] != 1:
            raise ValueError(
                f"{name} y has shape (rows, {', '.join(map(str, y.shape[1:]))}) and the outputs of shape "
                f"{tuple(output.shape)}; cross-entropy expects one label a row, shape (rows,), and one output a class"
            )
    elif isinstance(
        criterion, keras.losses.MeanSquaredError | keras.losses.MeanAbsoluteError | keras.losses.BinaryCrossentropy
    ):
        flat = [shape[:-1] if shape[-1:] == (1,) else shape for shape in (tuple(output.shape[1:]), y.shape[1:])]
        if flat[0] != flat[1]:
            raise ValueError(
                f"the model's outputs have shape {('rows', *output.shape[1:])} but {name} y has "
                f"{('rows', *y.shape[1:])}; expected equal shapes"
            )


def _check_labels(name: str, criterion: Any, output: Any, y: np.ndarray, whole: bool) -> None:
    if is_label_loss(criterion):
        classes = output.shape[-1]
        ignored = getattr(criterion, "ignore_class", None)
        y = y if ignored is None else y[y != ignored]
        if not y.size and whole:
            raise ValueError(
                f"every label of {name} y is {ignored}, which the loss ignores, so nothing is left to compute it from"
            )
        if y.size and (y.min() < 0 or y.max() >= classes):
            raise ValueError(
                f"{name} y has labels from {y.min()} to {y.max()}, but the model has {classes} outputs: "
                f"labels must lie in 0 … {classes - 1}"
            )
        if isinstance(criterion, WeightedCrossEntropy) and len(criterion.weights) != classes:
            raise ValueError(
                f"there are {len(criterion.weights)} class weights for {classes} outputs; expected as many"
            )
    elif isinstance(criterion, keras.losses.BinaryCrossentropy) and (y.min() < 0 or y.max() > 1):
        raise ValueError(f"{name} y reaches from {y.min()} to {y.max()}; expected labels 0 and 1")


def first_line(error: BaseException) -> str:
    """Return the line of an error that gives the reason, or its kind where it says nothing."""
    text = re.sub(r"\x1b\[\d*m", "", str(error))  # Keras prints its reasons in bold
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        lines = lines[1:]  # the reason
    return lines[0] if lines else type(error).__name__
