"""What `course_lib.keras` leans on: steps on either backend, losses, batches, checks, Keras's callbacks."""

from __future__ import annotations

import io
import json
import math
import random
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from course_lib.callbacks import Callback, Logs
from course_lib.run import (
    Numbers,
    Run,
    check_counts,
    check_seed,
    class_weights,
    column_names,
    learning_rate,
    means,
    named_metrics,
    prefixed,
    read_checkpoint,
    row_order,
)

__all__ = [
    "MEASURE_ONLY",
    "Engine",
    "KerasRun",
    "Steps",
    "check_arguments",
    "column_names",
    "make_batches",
    "make_engine",
    "make_loss",
    "make_metrics",
    "measure",
    "on_device",
    "prefixed",
    "read_checkpoint",
    "try_out",
]

MEASURE_ONLY = object()  # in the place of an optimizer
SECONDS = 0.1  # between two returns to Python, so that a live plot moves ten times a second

# ---------------------------------------------------------------------------- losses and metrics


def _named_losses() -> dict[str, Callable[[], keras.losses.Loss]]:
    return {
        "cross_entropy": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "binary_cross_entropy": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
        "mse": keras.losses.MeanSquaredError,
        "mae": keras.losses.MeanAbsoluteError,
    }


class WeightedCrossEntropy:
    """Cross-entropy from logits whose mean is over the sum of the class weights, as in PyTorch."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.weights = np.asarray(weights, dtype="float32")

    def of_rows(self, y: Any) -> Any:
        """Return the weight of each row; shape ``(rows,)``."""
        return ops.take(ops.convert_to_tensor(self.weights), ops.cast(ops.reshape(y, (-1,)), "int32"))

    def __call__(self, y: Any, output: Any) -> Any:
        """Return the weighted mean."""
        weights = self.of_rows(y)
        losses = keras.losses.sparse_categorical_crossentropy(ops.reshape(y, (-1,)), output, from_logits=True)
        return ops.sum(weights * losses) / ops.sum(weights)


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
    if getattr(loss, "reduction", "mean") in (None, "none"):
        raise ValueError("the loss has reduction=None and gives one number a sample; leave reduction as it is")
    return loss


def _is_cross_entropy(criterion: Any) -> bool:
    return isinstance(criterion, keras.losses.SparseCategoricalCrossentropy | WeightedCrossEntropy)


def _from_logits(criterion: Any) -> bool:
    config = criterion.get_config() if isinstance(criterion, keras.losses.Loss) else {}
    return bool(config.get("from_logits", True))


def make_metrics(metrics: Sequence[Any] | Mapping[str, Any], criterion: Any) -> dict[str, Callable[[Any, Any], Any]]:
    """Return functions of ``(y_true, y_pred)`` by name, each giving the mean over a batch."""
    threshold = 0.0 if _from_logits(criterion) else 0.5

    def accuracy(y: Any, output: Any) -> Any:
        if len(output.shape) > 1 and output.shape[-1] > 1:
            if len(y.shape) == len(output.shape):  # one-hot, or labels in a column
                y = ops.argmax(y, axis=-1) if y.shape[-1] == output.shape[-1] else ops.squeeze(y, axis=-1)
            right = ops.equal(ops.argmax(output, axis=-1), ops.cast(y, "int64"))
        else:
            right = ops.equal(ops.reshape(output > threshold, (-1,)), ops.reshape(ops.cast(y, "float32") > 0.5, (-1,)))
        return ops.mean(ops.cast(right, "float32"))

    def difference(y: Any, output: Any) -> Any:
        return output - ops.reshape(ops.cast(y, output.dtype), ops.shape(output))

    known: dict[str, Callable[[Any, Any], Any]] = {
        "accuracy": accuracy,
        "mae": lambda y, output: ops.mean(ops.abs(difference(y, output))),
        "mse": lambda y, output: ops.mean(ops.square(difference(y, output))),
    }
    made = {}
    for name, metric in named_metrics(metrics).items():
        if isinstance(metric, str) and metric in known:
            made[name] = known[metric]
        elif callable(metric) and not isinstance(metric, type | keras.metrics.Metric):
            made[name] = metric
        else:
            raise ValueError(
                f"metric {metric!r} is not known; expected one of {', '.join(known)}, or a function of (y_true, y_pred)"
            )
    return made


# ---------------------------------------------------------------------------- batches


class Piece(NamedTuple):
    """What one call of the engine works on: some rows of x and y, cut into batches."""

    x: Any
    y: Any
    rows: Any  # which rows, in order; None for all of them as one batch
    batch_size: int


class Steps:
    """The steps of a stretch of training that are still to be taken."""

    def __init__(self, x: Any, y: Any, rows: Any, batch_size: int) -> None:
        self.x, self.y, self.rows, self.batch_size = x, y, rows, batch_size
        self.left = 1 if rows is None else math.ceil(len(rows) / batch_size)

    def __bool__(self) -> bool:
        return self.left > 0

    def take(self, count: int) -> Piece:
        """Return the next so many steps."""
        if self.rows is None:
            self.left = 0
            return Piece(self.x, self.y, None, len(self.y))
        now, self.rows = self.rows[: count * self.batch_size], self.rows[count * self.batch_size :]
        self.left = math.ceil(len(self.rows) / self.batch_size)
        return Piece(self.x, self.y, now, self.batch_size)


class ArrayBatches:
    """Rows of two arrays; a new order every epoch, fixed by seed and epoch."""

    def __init__(self, x: Any, y: Any, batch_size: int, shuffle: bool, seed: int) -> None:
        self.x, self.y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
        self.host = x, y
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self.size = len(y)
        self.steps: int | None = math.ceil(self.size / batch_size)

    def of_epoch(self, epoch: int) -> list[Steps]:
        """Return the steps of one training epoch."""
        order = np.arange(self.size)
        if self.shuffle:
            order = row_order(self.seed, epoch, self.size)
        return [Steps(self.x, self.y, order, self.batch_size)]

    def in_order(self) -> list[Piece]:
        """Return all rows in their own order, many at a time, for measuring."""
        size = max(self.batch_size, 1024)
        return [
            Piece(self.x[start : start + size], self.y[start : start + size], None, size)
            for start in range(0, self.size, size)
        ]


class LoaderBatches:
    """What a tf.data.Dataset, a DataLoader or a PyDataset yields."""

    def __init__(self, name: str, loader: Any) -> None:
        self.name, self.loader = name, loader
        self.first_check: Callable[[Any, Any], None] | None = None
        self.passes = 0
        try:
            self.steps: int | None = len(loader)
        except TypeError:
            self.steps = None
            if hasattr(loader, "cardinality") and int(loader.cardinality()) == -1:  # tf.data.INFINITE_CARDINALITY
                raise ValueError(
                    f"the {name} dataset repeats without end, so an epoch would never be over; leave out .repeat(), "
                    "or say how many batches an epoch has with .take(…)"
                ) from None

    @property
    def generator(self) -> Any:
        """The random generator of a DataLoader that has one of its own."""
        return getattr(self.loader, "generator", None) if hasattr(self.loader, "sampler") else None

    def skip_to(self, passes: int) -> None:
        """Let a tf.data.Dataset draw the orders of passes that a resumed run has made before."""
        while self.passes < passes:
            self.passes += 1
            if hasattr(self.loader, "element_spec"):
                iter(self.loader)

    def _batches(self) -> Iterator[Any]:
        self.passes += 1
        if isinstance(self.loader, keras.utils.PyDataset):
            yield from (self.loader[i] for i in range(len(self.loader)))
            self.loader.on_epoch_end()
        else:
            yield from self.loader

    def in_order(self) -> Iterator[Piece]:
        """Yield the batches of one pass; the first batch ever is checked before it is used."""
        for batch in self._batches():
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                raise TypeError(f"a batch of the {self.name} loader is {_describe(batch)}; expected a pair (x, y)")
            x, y = map(_to_tensor, batch)
            if self.first_check is not None:
                check, self.first_check = self.first_check, None
                check(x, y)
            yield Piece(x, y, None, len(y))

    def of_epoch(self, epoch: int) -> Iterator[Steps]:
        """Yield the batches of one pass as steps."""
        for piece in self.in_order():
            yield Steps(piece.x, piece.y, None, piece.batch_size)


def _to_tensor(values: Any) -> Any:
    """Return a tensor of the backend; torch's tensors go through NumPy where the backend is another."""
    if keras.backend.backend() != "torch" and hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return ops.convert_to_tensor(values)


def _describe(batch: Any) -> str:
    return f"a {type(batch).__name__}" + (f" of {len(batch)}" if isinstance(batch, tuple | list) else "")


def make_batches(
    name: str, data: Any, batch_size: int, shuffle: bool = False, seed: int = 0
) -> ArrayBatches | LoaderBatches:
    """Turn arrays, tensors or a loader into batches, or say what is wrong with them."""
    check_seed(seed)
    batch_size = int(batch_size)
    if not isinstance(data, tuple | list):
        return _loader_batches(name, data)
    if len(data) != 2:
        raise ValueError(f"{name} is {_describe(data)}; expected a pair (x, y)")
    x, y = _array(f"{name} x", data[0]), _array(f"{name} y", data[1])
    if len(x) != len(y):
        raise ValueError(f"{name} has {len(x)} rows in x but {len(y)} in y; expected as many")
    if len(y) == 0:
        raise ValueError(f"{name} has no rows (x has shape {x.shape}); expected at least one")
    return ArrayBatches(x, y, batch_size, shuffle, seed)


def _array(name: str, values: Any) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}; expected numbers")
    if array.ndim == 0:
        raise ValueError(f"{name} is a single number; expected one row a sample")
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array


def _loader_batches(name: str, loader: Any) -> LoaderBatches:
    if not hasattr(loader, "__iter__") and not isinstance(loader, keras.utils.PyDataset):
        raise TypeError(f"{name} is {_describe(loader)}; expected a pair (x, y), a tf.data.Dataset or a DataLoader")
    if hasattr(loader, "__next__"):  # asking for iter(loader) would use up random numbers
        raise TypeError(f"{name} is an iterator, which is used up after one epoch; give the dataset itself")
    batches = LoaderBatches(name, loader)
    if batches.steps == 0:
        rows = len(loader.dataset) if hasattr(getattr(loader, "dataset", None), "__len__") else 0
        hint = f": drop_last=True drops the only {rows} rows" if rows else ": its dataset has no rows"
        raise ValueError(f"the {name} loader yields no batches{hint}")
    return batches


# ---------------------------------------------------------------------------- checks before the first step


def check_arguments(model: Any, **counts: Any) -> None:
    """Raise when the model is no Keras model, or counts are no counts."""
    if isinstance(model, type) or not isinstance(model, keras.Model):
        what = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
        raise TypeError(f"model is {what}; expected a keras.Model object (for torch use course_lib.pytorch)")
    check_counts(**counts)


def try_out(
    model: keras.Model,
    criterion: Any,
    metrics: Mapping[str, Any],
    *every: ArrayBatches | LoaderBatches | None,
    names: Sequence[str] = ("train", "val"),
) -> None:
    """Try model and loss on a few rows without training, so that a mistake shows before any step."""
    for batches, name in zip(every, names, strict=False):
        if isinstance(batches, ArrayBatches):
            x, y = batches.host
            _try_rows(name, model, criterion, metrics, ops.convert_to_tensor(x[:2]), y)
        elif isinstance(batches, LoaderBatches):
            batches.first_check = _first_check(name, model, criterion, metrics)
            if not model.built:
                _build_from(batches)


def _build_from(batches: LoaderBatches) -> None:
    """Let a model that was never called learn its shapes from the first batch."""
    if next(iter(batches.in_order()), None) is None:
        raise ValueError(f"the {batches.name} loader yields no batches")


def _first_check(name: str, model: Any, criterion: Any, metrics: Any) -> Callable[[Any, Any], None]:
    def check(x: Any, y: Any) -> None:
        if len(x.shape) == 0 or len(y.shape) == 0 or len(x) != len(y):
            raise ValueError(
                f"the {name} loader yields x of shape {tuple(x.shape)} and y of shape {tuple(y.shape)}; expected "
                "batches with as many rows in both, such as those of dataset.batch(32)"
            )
        _try_rows(name, model, criterion, metrics, x, ops.convert_to_numpy(y))

    return check


def _try_rows(name: str, model: keras.Model, criterion: Any, metrics: Any, x: Any, y: np.ndarray) -> None:
    """Check all of `y`, and run model and loss on `x`, which may be the first rows only."""
    try:
        output = model(x, training=False)
    except Exception as error:
        raise ValueError(
            f"the model cannot take {name} x of shape {tuple(x.shape)} and dtype "
            f"{keras.backend.standardize_dtype(x.dtype)}: {_first_line(error)}"
        ) from error
    if not hasattr(output, "shape"):
        raise ValueError(f"the model returns {_describe(output)}; expected one tensor of outputs")
    _check_target(name, criterion, output, y)
    _check_labels(name, criterion, output, y)
    y = y[: len(x)]
    try:
        ops.mean(criterion(ops.convert_to_tensor(y), output))
    except Exception as error:
        raise ValueError(
            f"the loss cannot compare outputs of shape {tuple(output.shape)} with {name} y of shape "
            f"{tuple(y.shape)}: {_first_line(error)}"
        ) from error
    for metric_name, metric in metrics.items():
        try:
            _mean(metric(ops.convert_to_tensor(y), output))
        except Exception as error:
            raise ValueError(
                f"metric '{metric_name}' fails on outputs of shape {tuple(output.shape)} and {name} y of shape "
                f"{tuple(y.shape)}: {_first_line(error)}"
            ) from error


def _check_target(name: str, criterion: Any, output: Any, y: np.ndarray) -> None:
    if _is_cross_entropy(criterion):
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


def _check_labels(name: str, criterion: Any, output: Any, y: np.ndarray) -> None:
    if _is_cross_entropy(criterion):
        classes = output.shape[-1]
        ignored = getattr(criterion, "ignore_class", None)
        y = y if ignored is None else y[y != ignored]
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


def _first_line(error: BaseException) -> str:
    text = re.sub(r"\x1b\[\d*m", "", str(error))  # Keras prints its reasons in bold
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        lines = lines[1:]  # the reason
    return lines[0] if lines else type(error).__name__


def _mean(values: Any) -> Any:
    return ops.mean(ops.cast(values, "float32"))


def on_device(device: str | None) -> AbstractContextManager[Any]:
    """Return Keras's device scope, or one that changes nothing."""
    return nullcontext() if device is None else keras.device(device)


# ---------------------------------------------------------------------------- the engine


@keras.saving.register_keras_serializable(package="course_lib")
class ExactAdam(keras.optimizers.Adam):
    """Keras's Adam with PyTorch's arithmetic, so that both frameworks draw the same curve.

    Stock Keras computes ``1 - beta_2 ** t`` in float32, which is off by up to 5e-5 of its value in
    the first steps, and adds epsilon before the bias correction instead of after it (Kingma & Ba
    2015, section 2, name both orders). With a `weight_decay` this is AdamW.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable."""
        lr, gradient = ops.cast(learning_rate, variable.dtype), ops.cast(gradient, variable.dtype)
        step = ops.cast(self.iterations + 1, "float64")
        first, second = (
            ops.cast(1 - ops.power(ops.cast(beta, "float64"), step), variable.dtype)
            for beta in (self.beta_1, self.beta_2)
        )
        index = self._get_variable_index(variable)
        mean, square = self._momentums[index], self._velocities[index]
        self.assign_add(mean, (gradient - mean) * (1 - self.beta_1))
        self.assign_add(square, (ops.square(gradient) - square) * (1 - self.beta_2))
        self.assign_sub(variable, lr / first * mean / (ops.sqrt(square / second) + self.epsilon))


def make_optimizer(optimizer: Any, lr: float | None) -> keras.optimizers.Optimizer:
    """Return an optimizer; names mean the same as in `course_lib.pytorch`."""
    if isinstance(optimizer, keras.optimizers.Optimizer):
        if lr is not None:
            raise ValueError("lr goes with an optimizer given by name; this optimizer has its own learning rate")
        return optimizer
    known: dict[str, Callable[[float], keras.optimizers.Optimizer]] = {
        "sgd": lambda rate: keras.optimizers.SGD(rate),
        "adam": lambda rate: ExactAdam(rate, epsilon=1e-8),
        "adamw": lambda rate: ExactAdam(rate, weight_decay=0.01, epsilon=1e-8),
    }
    if not isinstance(optimizer, str) or optimizer.lower() not in known:
        raise ValueError(f"optimizer is {optimizer!r}; expected one of {', '.join(known)}, or a Keras optimizer")
    name = optimizer.lower()
    return known[name](learning_rate(name, lr))


class Engine:
    """Takes training steps and measures, on Keras's present backend."""

    def __init__(self, model: keras.Model, criterion: Any, metrics: Mapping[str, Any], optimizer: Any) -> None:
        self.model, self.criterion, self.metrics, self.optimizer = model, criterion, dict(metrics), optimizer
        self.key: tuple[Any, ...] = ()

    # One step, the same on every backend but for the gradients.

    def forward(self, x: Any, y: Any, training: bool) -> tuple[Any, Any]:
        """Return the loss to descend on, penalties of the layers included, and the outputs."""
        output = self.model(x, training=training)
        loss = ops.mean(self.criterion(y, output))
        for penalty in self.model.losses:
            loss = loss + penalty
        return loss, output

    def report(self, loss: Any, output: Any, y: Any, rate: Any) -> Any:
        """Return the step's numbers as one vector: loss, weight, size, learning rate, metrics."""
        size = ops.cast(ops.shape(y)[0], "float32")
        weight = ops.sum(self.criterion.of_rows(y)) if isinstance(self.criterion, WeightedCrossEntropy) else size
        ignored = getattr(self.criterion, "ignore_class", None)
        if ignored is not None:  # Keras's mean is over the labels that count
            weight = ops.sum(ops.cast(ops.not_equal(y, ignored), "float32"))
        if getattr(self.criterion, "reduction", "mean") == "sum":
            loss = loss / size
        numbers = [loss, weight, size, rate, *(_mean(metric(y, output)) for metric in self.metrics.values())]
        return ops.stack([ops.cast(number, "float32") for number in numbers])

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece; return their numbers and learning rates."""
        raise NotImplementedError

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch in evaluation mode."""
        raise NotImplementedError

    def _numbers(self, table: np.ndarray) -> tuple[Numbers, list[float]]:
        loss, weight, size, rate, *metrics = table.T.tolist()
        named = dict(zip(self.metrics, metrics, strict=True))
        rates = {value: float(str(np.float32(value))) for value in set(rate)}  # 0.001, not 0.0010000000475
        return Numbers(loss, list(map(int, size)), weight, named), [rates[value] for value in rate]


class TensorFlowEngine(Engine):
    """Several steps in one call of one `tf.function`."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        import tensorflow as tf

        self.tf = tf
        self._compiled: dict[Any, Any] = {}

    def _call(self, function: Callable[..., Any], x: Any, y: Any, *more: Any) -> np.ndarray:
        """Call it as a `tf.function`, one for each rank of x and y: a trace for any rank does not exist."""
        key = function.__name__, len(x.shape), len(y.shape)
        if key not in self._compiled:
            self._compiled[key] = self.tf.function(function, reduce_retracing=True)
        return self._compiled[key](x, y, *more).numpy()

    def _step(self, x: Any, y: Any) -> Any:
        variables = [variable.value for variable in self.model.trainable_variables]
        with self.tf.GradientTape() as tape:
            loss, output = self.forward(x, y, training=True)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, variables)
        rate = self.optimizer.learning_rate
        self.optimizer.apply(gradients, self.model.trainable_variables)
        return self.report(loss, output, y, rate)

    def _steps(self, x: Any, y: Any, rows: Any, batch_size: Any) -> Any:
        tf = self.tf
        size = tf.shape(rows)[0]
        count = (size + batch_size - 1) // batch_size
        table = tf.TensorArray(tf.float32, count, element_shape=[4 + len(self.metrics)])

        def one(i: Any, table: Any) -> tuple[Any, Any]:
            some = rows[i * batch_size : tf.minimum((i + 1) * batch_size, size)]
            return i + 1, table.write(i, self._step(tf.gather(x, some), tf.gather(y, some)))

        _, table = tf.while_loop(lambda i, table: i < count, one, (0, table), parallel_iterations=1)
        return table.stack()

    def _test(self, x: Any, y: Any) -> Any:
        loss, output = self.forward(x, y, training=False)
        return self.report(loss, output, y, 0.0)

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece."""
        if piece.rows is None:
            return self._numbers(self._call(self._step, piece.x, piece.y)[None])
        rows, batch_size = self.tf.constant(piece.rows, self.tf.int32), self.tf.constant(piece.batch_size)
        return self._numbers(self._call(self._steps, piece.x, piece.y, rows, batch_size))

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch."""
        return self._numbers(self._call(self._test, piece.x, piece.y)[None])[0]


class TorchEngine(Engine):
    """A step at a time; losses stay on the device until the piece is done."""

    def _step(self, x: Any, y: Any) -> Any:
        import torch

        self.model.zero_grad()
        loss, output = self.forward(x, y, training=True)
        self.optimizer.scale_loss(loss).backward()
        variables = [v for v in self.model.trainable_variables if v.value.grad is not None]
        rate = self.optimizer.learning_rate
        with torch.no_grad():
            self.optimizer.apply([variable.value.grad for variable in variables], variables)
            return self.report(loss.detach(), output.detach(), y, rate)

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece."""
        import torch

        if piece.rows is None:
            table = self._step(piece.x, piece.y)[None]
        else:
            parts = torch.as_tensor(piece.rows).to(piece.y.device).split(piece.batch_size)
            table = torch.stack([self._step(piece.x[rows], piece.y[rows]) for rows in parts])
        return self._numbers(table.cpu().numpy())

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch."""
        import torch

        with torch.no_grad():
            loss, output = self.forward(piece.x, piece.y, training=False)
            return self._numbers(self.report(loss, output, piece.y, 0.0)[None].cpu().numpy())[0]


def make_engine(
    model: keras.Model, criterion: Any, metrics: Mapping[str, Any], optimizer: Any, lr: float | None = None
) -> Engine:
    """Return an engine for the model, the one of an earlier call where that fits.

    Tracing a `tf.function` takes longer than training digits does, so the engine stays with the
    model: training the same model again with the same loss, metrics and optimizer does not trace again.
    """
    engines = {"tensorflow": TensorFlowEngine, "torch": TorchEngine}
    backend = keras.backend.backend()
    if backend not in engines:
        raise RuntimeError(f"Keras runs on its {backend} backend; course_lib.keras knows {' and '.join(engines)}")
    if optimizer is not MEASURE_ONLY and not model.trainable_variables:
        raise ValueError(
            f"the model {model.name} has no parameters that can be trained; has it layers with weights, and are "
            "they trainable?"
        )
    key = (_identity(criterion), tuple((name, _identity(m)) for name, m in metrics.items()), _identity(optimizer))
    trained = tuple(id(variable) for variable in model.trainable_variables)
    kept: list[Engine] = model.__dict__.setdefault("_course_engines", [])
    engine = next((engine for engine in kept if engine.key == (*key, trained)), None)
    if engine is None:
        made = None if optimizer is MEASURE_ONLY else make_optimizer(optimizer, lr)
        engine = engines[backend](model, criterion, metrics, made)
        engine.key = (*key, trained)
        kept[:] = [*kept[-3:], engine]
    elif isinstance(optimizer, str):
        _start_again(engine.optimizer, make_optimizer(optimizer, lr))
    if engine.optimizer is not None:
        _check_optimizer(engine.optimizer, model)
        if not engine.optimizer.built:
            engine.optimizer.build(model.trainable_variables)
        if getattr(model, "optimizer", None) is not engine.optimizer:
            model.compile(optimizer=engine.optimizer, loss=criterion)
    return engine


def _check_optimizer(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> None:
    """Raise when the optimizer keeps its momenta for other variables than this model's."""
    known = {id(variable) for variable in getattr(optimizer, "_trainable_variables", ())}
    if optimizer.built and known and not known.issuperset(map(id, model.trainable_variables)):
        raise ValueError(
            "the optimizer was made for another model, or before some layers of this one became trainable; make a "
            "new one for the model you train"
        )


def _identity(thing: Any) -> Any:
    """Return what two equal losses, metrics or optimizers share: settings, code, or the object itself."""
    if isinstance(thing, keras.losses.Loss) and type(thing).__module__.startswith("keras."):
        return type(thing).__qualname__, json.dumps(thing.get_config(), sort_keys=True, default=str)
    if isinstance(thing, WeightedCrossEntropy):
        return "weighted", tuple(thing.weights.tolist())
    code = getattr(thing, "__code__", None)
    if code is not None and thing.__module__ == __name__:
        return code, tuple(
            str(cell.cell_contents) for cell in thing.__closure__ or () if not callable(cell.cell_contents)
        )
    return thing


def _start_again(optimizer: keras.optimizers.Optimizer, fresh: keras.optimizers.Optimizer) -> None:
    """Give an optimizer that was used before the state of a new one."""
    for variable in optimizer.variables:
        variable.assign(ops.zeros_like(variable))
    optimizer.learning_rate = float(ops.convert_to_numpy(fresh.learning_rate))


def measure(engine: Engine, batches: ArrayBatches | LoaderBatches, run: Run | None = None) -> dict[str, float]:
    """Return the means over all samples at the present weights."""
    numbers = []
    for piece in batches.in_order():
        numbers.append(engine.test(piece))
        if run is not None:
            run.raise_if_interrupted()
    return means(numbers)


# ---------------------------------------------------------------------------- the run


class KerasRun(Run):
    """A run of `course_lib.keras.fit`."""

    framework = "keras"

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        batches: ArrayBatches | LoaderBatches,
        callbacks: Iterable[Any],
        *,
        epochs: int,
        names: Sequence[str],
    ) -> None:
        super().__init__(model, epochs=epochs, steps=batches.steps, callbacks=callbacks, names=names)
        self.optimizer = optimizer
        self.batches = batches
        self._step_seconds = math.inf
        self._asked = (0, 0.0)

    def adapted(self, callback: Any) -> Callback:
        """Return the callback, or what calls it as Keras would."""
        return KerasAdapter(callback) if isinstance(callback, keras.callbacks.Callback) else super().adapted(callback)

    def steps_at_once(self) -> int:
        """Return how many steps to take before coming back to Python; learns from the steps before."""
        if not self.grouped:
            return 1
        count = 4 if math.isinf(self._step_seconds) else max(1, int(SECONDS / self._step_seconds))
        self._asked = (count, time.perf_counter())
        return count

    def record(self, numbers: Numbers, rates: Sequence[float]) -> None:
        """Record the steps, and how long they took."""
        if self._asked[0]:
            self._step_seconds = min(self._step_seconds, (time.perf_counter() - self._asked[1]) / len(numbers.loss))
            self._asked = (0, 0.0)
        super().record(numbers, rates)

    def copy_weights(self, into: Any = None) -> list[np.ndarray]:
        """Return copies of all weights, those that are not trained included."""
        return self.model.get_weights()

    def restore_weights(self, weights: list[np.ndarray]) -> None:
        """Put the copies back."""
        self.model.set_weights(weights)

    def dump(self) -> bytes:
        """Return weights, optimizer, history, callbacks and random states as a file's content."""
        version, numbers, gauss = random.getstate()
        return pack(
            {
                "model": [ops.convert_to_numpy(v) for v in self.model.variables],
                "optimizer": [ops.convert_to_numpy(v) for v in self.optimizer.variables],
                "history": self.history.to_json(),
                "callbacks": self.callback_states(),
                "python": [version, list(numbers), gauss],
                "numpy": np.random.get_state(legacy=False),  # noqa: NPY002
                "torch": [state.numpy() for state in self._torch_states()],
                "passes": getattr(self.batches, "passes", 0),
            }
        )

    def _torch_states(self) -> list[Any]:
        """Return the states of torch's generators that a DataLoader draws from."""
        if "torch" not in sys.modules:
            return []
        import torch

        own = getattr(self.batches, "generator", None)
        return [torch.get_rng_state(), *([own.get_state()] if own is not None else [])]

    def load(self, content: bytes) -> None:
        """Take over a checkpoint file's content."""
        state = unpack(content)
        if not isinstance(state, dict) or not {"model", "optimizer", "history"} <= state.keys():
            raise ValueError("this file is no checkpoint of course_lib.keras.fit")
        every = {"model": self.model.variables, "optimizer": self.optimizer.variables}
        for name, variables in every.items():
            if [v.shape for v in state[name]] != [tuple(v.shape) for v in variables]:
                raise ValueError(f"the checkpoint's {name} does not have the shapes of this {name}")
        for name, variables in every.items():
            for variable, value in zip(variables, state[name], strict=True):
                variable.assign(value)
        self.take_over(state["history"])
        self.load_callback_states(state["callbacks"])
        version, numbers, gauss = state["python"]
        random.setstate((version, tuple(numbers), gauss))
        np.random.set_state(state["numpy"])  # noqa: NPY002
        self._set_torch_states(state.get("torch", []))
        if isinstance(self.batches, LoaderBatches):
            self.batches.skip_to(state.get("passes", 0))

    def _set_torch_states(self, states: Sequence[np.ndarray]) -> None:
        if not states or "torch" not in sys.modules:
            return
        import torch

        torch.set_rng_state(torch.from_numpy(states[0]))
        own = getattr(self.batches, "generator", None)
        if own is not None and len(states) > 1:
            own.set_state(torch.from_numpy(states[1]))


class KerasAdapter(Callback):
    """Calls a Keras callback as ``model.fit`` would: epochs from 0, the running mean, ``loss`` and ``val_loss``."""

    def __init__(self, callback: keras.callbacks.Callback) -> None:
        self.callback = callback
        theirs = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
        base = keras.callbacks.Callback
        self._per_batch = any(  # LambdaCallback sets its functions on the object
            name in vars(callback) or getattr(type(callback), name) is not getattr(base, name) for name in theirs
        )
        self.grouped = not self._per_batch
        self._last: dict[str, float] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        """Hand over the model."""
        run = self.run
        self.callback.set_model(run.model)
        self.callback.set_params({"epochs": run.epochs, "steps": run.steps, "verbose": 0})
        run.model.stop_training = False
        self.callback.on_train_begin({})

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Pass it on, and start the running mean anew."""
        self._sums: dict[str, float] = {}
        self._count = 0
        self.callback.on_epoch_begin(epoch - 1, {})
        self._batch_begins(0)

    def _batch_begins(self, batch: int) -> None:
        if self._per_batch and batch != self.run.steps:
            self.callback.on_train_batch_begin(batch, {})

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Pass on the running means, as Keras does."""
        if not self._per_batch or logs is None:
            return
        self._count += int(logs["size"])
        values = {name: value for name, value in logs.items() if name not in ("size", "lr")}
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value * logs["size"]
        self.callback.on_train_batch_end(batch - 1, {n: total / self._count for n, total in self._sums.items()})
        self._follow()
        if not self.run.should_stop:
            self._batch_begins(batch)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Pass on the epoch's record under Keras's names."""
        left_out = ("lr", "seconds", "samples", "train_loss_remeasured")
        self._last = {n.removeprefix("train_"): v for n, v in (logs or {}).items() if n not in left_out}
        self.callback.on_epoch_end(epoch - 1, dict(self._last))
        self._follow()

    def _follow(self) -> None:
        if getattr(self.run.model, "stop_training", False):
            self.run.stop("callback", f"the Keras callback {type(self.callback).__name__} asked to stop")

    def on_train_end(self, logs: Logs = None) -> None:
        """Pass it on, with the last epoch's numbers."""
        self.callback.on_train_end(dict(self._last))


# ---------------------------------------------------------------------------- checkpoint files


def pack(tree: Any) -> bytes:
    """Write nested dictionaries and lists with arrays in them as one ``.npz`` file's content."""
    arrays: list[np.ndarray] = []

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            arrays.append(value)
            return {"__array__": len(arrays) - 1}
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    text = json.dumps(plain(tree))
    file = io.BytesIO()
    named: dict[str, Any] = {f"a{number}": array for number, array in enumerate(arrays)}
    np.savez(file, tree=np.array(text), **named)
    return file.getvalue()


def unpack(content: bytes) -> Any:
    """Read what `pack` wrote; nothing in the file is executed."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        tree = json.loads(str(arrays.pop("tree")))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"the checkpoint cannot be read; was it cut short, or is it no checkpoint? ({_first_line(error)})"
        ) from error

    def rich(value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"__array__"}:
                return arrays[f"a{value['__array__']}"]
            return {key: rich(item) for key, item in value.items()}
        return [rich(item) for item in value] if isinstance(value, list) else value

    return rich(tree)
