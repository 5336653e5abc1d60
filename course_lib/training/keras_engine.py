"""One step of training or measuring with Keras, on either of its backends."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.training.keras_batches import ArrayBatches, LoaderBatches, Piece
from course_lib.training.keras_losses import Accuracy, WeightedCrossEntropy, mean_loss, mean_of
from course_lib.training.keras_optimizer import check_optimizer, make_optimizer, start_again, with_loss_scaling
from course_lib.training.keras_weights import weighted_loss, weighted_metric
from course_lib.training.means import Numbers, means
from course_lib.training.measures import Measures
from course_lib.training.run import Run

__all__ = ["MEASURE_ONLY", "Engine", "make_engine", "measure", "on_device"]


MEASURE_ONLY = object()  # in the place of an optimizer


def on_device(device: str | None) -> AbstractContextManager[Any]:
    """Return Keras's device scope, or one that changes nothing."""
    return nullcontext() if device is None else keras.device(device)


class Engine:
    """Takes training steps and measures, on Keras's present backend."""

    def __init__(self, model: keras.Model, criterion: Any, measures: Measures, optimizer: Any) -> None:
        self.model, self.criterion, self.optimizer = model, criterion, optimizer
        self.metrics, self.measures = measures.means, measures
        self.keeps_outputs = bool(measures.streams)
        self.key: tuple[Any, ...] = ()

    # One step, the same on every backend but for the gradients.

    def forward(self, x: Any, y: Any, w: Any, training: bool) -> tuple[Any, Any, Any]:
        """Return the loss to descend on, penalties of the layers included, what it counts, and the outputs."""
        output = self.model(x, training=training)
        loss, weight = (
            mean_loss(self.criterion, y, output) if w is None else weighted_loss(self.criterion, y, output, w)
        )
        for penalty in self.model.losses:
            loss = loss + penalty
        return loss, weight, output

    def report(self, loss: Any, weight: Any, output: Any, y: Any, w: Any, rate: Any) -> tuple[Any, ...]:
        """Return the step's numbers as one vector, and the outputs where streaming metrics want them.

        The numbers are loss, weight, size, learning rate, metrics, and what the metrics in `_counted` count.
        """
        if getattr(self.criterion, "reduction", "mean") == "sum":
            loss = loss / ops.cast(weight, loss.dtype)
        numbers, counts = [loss, weight, ops.shape(y)[0], rate], []
        for metric in self.metrics.values():
            if w is not None:
                value, count = weighted_metric(metric, y, output, w)
                numbers.append(value)
                counts.append(count)
            elif isinstance(metric, Accuracy):
                right, count = metric.counts(y, output)
                numbers.append(right / ops.maximum(count, 1.0))
                counts.append(count)
            else:
                numbers.append(mean_of(metric(y, output)))
        numbers += counts
        vector = ops.stack([ops.cast(number, "float32") for number in numbers])
        return (vector, ops.cast(output, "float32")) if self.keeps_outputs else (vector,)

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece; return their numbers and learning rates."""
        raise NotImplementedError

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch in evaluation mode."""
        raise NotImplementedError

    def _counted(self, weighted: bool) -> list[str]:
        """Return the metrics whose means are not over rows: those over labels, and by sample weights all."""
        return [name for name, metric in self.metrics.items() if weighted or isinstance(metric, Accuracy)]

    def width(self, weighted: bool) -> int:
        """Return how many numbers `report` returns."""
        return 4 + len(self.metrics) + len(self._counted(weighted))

    def _numbers(self, piece: Piece, table: np.ndarray, *outputs: np.ndarray) -> tuple[Numbers, list[float]]:
        """Return the numbers of some steps and their rates; hand the outputs to the streaming metrics."""
        for output in outputs:
            self.measures.streams.update(output, piece.taken(piece.y), piece.taken(piece.weight))
        loss, weight, size, rate, *columns = table.T.tolist()
        named = dict(zip(self.metrics, columns, strict=False))
        counts = dict(zip(self._counted(piece.weight is not None), columns[len(named) :], strict=True))
        for name, column in counts.items():
            named[name] = [value if count else math.nan for value, count in zip(named[name], column, strict=True)]
        loss = [value if counted else math.nan for value, counted in zip(loss, weight, strict=True)]
        rates = {value: float(str(np.float32(value))) for value in set(rate)}  # 0.001, not 0.0010000000475
        return Numbers(loss, list(map(int, size)), weight, named, counts), [rates[value] for value in rate]


class TensorFlowEngine(Engine):
    """Several steps in one call of one `tf.function`."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        import tensorflow as tf

        self.tf = tf
        self._compiled: dict[Any, Any] = {}

    def _call(self, function: Callable[..., Any], piece: Piece, *more: Any) -> list[np.ndarray]:
        """Call it as a `tf.function`, one for each rank of x and y: a trace for any rank does not exist."""
        x, y, w = piece.x, piece.y, piece.weight
        key = function.__name__, len(x.shape), len(y.shape), w is None
        if key not in self._compiled:
            self._compiled[key] = self.tf.function(function, reduce_retracing=True)
        return [part.numpy() for part in self._compiled[key](x, y, w, *more)]

    def _step(self, x: Any, y: Any, w: Any) -> tuple[Any, ...]:
        variables = [variable.value for variable in self.model.trainable_variables]
        with self.tf.GradientTape() as tape:
            loss, weight, output = self.forward(x, y, w, training=True)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, variables)
        rate = self.optimizer.learning_rate
        self.optimizer.apply(gradients, self.model.trainable_variables)
        return self.report(loss, weight, output, y, w, rate)

    def _steps(self, x: Any, y: Any, w: Any, rows: Any, batch_size: Any) -> tuple[Any, ...]:
        tf = self.tf
        size = tf.shape(rows)[0]
        count = (size + batch_size - 1) // batch_size
        tables = [tf.TensorArray(tf.float32, count, element_shape=[self.width(w is not None)])]
        if self.keeps_outputs:  # whose last batch may be smaller
            tables.append(tf.TensorArray(tf.float32, count, infer_shape=False))

        def one(i: Any, *tables: Any) -> tuple[Any, ...]:
            some = rows[i * batch_size : tf.minimum((i + 1) * batch_size, size)]
            parts = self._step(*(part if part is None else tf.gather(part, some) for part in (x, y, w)))
            return i + 1, *(table.write(i, part) for table, part in zip(tables, parts, strict=True))

        _, table, *outputs = tf.while_loop(lambda i, *tables: i < count, one, (0, *tables), parallel_iterations=1)
        return table.stack(), *(output.concat() for output in outputs)

    def _test(self, x: Any, y: Any, w: Any) -> tuple[Any, ...]:
        return self.report(*self.forward(x, y, w, training=False), y, w, 0.0)

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece."""
        if piece.rows is None:
            numbers, *outputs = self._call(self._step, piece)
            return self._numbers(piece, numbers[None], *outputs)
        rows, batch_size = self.tf.constant(piece.rows, self.tf.int32), self.tf.constant(piece.batch_size)
        return self._numbers(piece, *self._call(self._steps, piece, rows, batch_size))

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch."""
        numbers, *outputs = self._call(self._test, piece)
        return self._numbers(piece, numbers[None], *outputs)[0]


class TorchEngine(Engine):
    """A step at a time; losses stay on the device until the piece is done."""

    def _step(self, x: Any, y: Any, w: Any) -> tuple[Any, ...]:
        import torch

        self.model.zero_grad()
        loss, weight, output = self.forward(x, y, w, training=True)
        self.optimizer.scale_loss(loss).backward()
        variables = [v for v in self.model.trainable_variables if v.value.grad is not None]
        rate = self.optimizer.learning_rate
        with torch.no_grad():
            self.optimizer.apply([variable.value.grad for variable in variables], variables)
            return self.report(loss, weight, output, y, w, rate)

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece."""
        import torch

        if piece.rows is None:
            steps = [self._step(piece.x, piece.y, piece.weight)]
        else:
            parts = torch.as_tensor(piece.rows).to(piece.y.device).split(piece.batch_size)
            every = (piece.x, piece.y, piece.weight)
            steps = [self._step(*(part if part is None else part[rows] for part in every)) for rows in parts]
        numbers, *outputs = zip(*steps, strict=True)
        joined = [torch.cat(output).detach() for output in outputs]
        return self._numbers(piece, *(part.cpu().numpy() for part in (torch.stack(numbers), *joined)))

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch."""
        import torch

        with torch.no_grad():
            forward = self.forward(piece.x, piece.y, piece.weight, training=False)
            numbers, *outputs = self.report(*forward, piece.y, piece.weight, 0.0)
            return self._numbers(piece, *(part.cpu().numpy() for part in (numbers[None], *outputs)))[0]


def make_engine(
    model: keras.Model,
    criterion: Any,
    measures: Measures,
    optimizer: Any,
    lr: float | None = None,
    schedule: Any = None,
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
    by = optimizer if schedule is None or not isinstance(optimizer, str) else (optimizer, _identity(schedule))
    means_by_name = tuple((name, _identity(m)) for name, m in measures.means.items())
    key = (_identity(criterion), means_by_name, bool(measures.streams), _identity(by))
    trained = tuple(id(variable) for variable in model.trainable_variables)
    kept: list[Engine] = model.__dict__.setdefault("_course_engines", [])
    engine = next((engine for engine in kept if engine.key == (*key, trained)), None)
    if engine is None:
        made = None
        if optimizer is not MEASURE_ONLY:
            made = with_loss_scaling(
                make_optimizer(optimizer, lr, schedule), model, [engine.optimizer for engine in kept]
            )
        engine = engines[backend](model, criterion, measures, made)
        engine.key = (*key, trained)
        kept[:] = [*kept[-3:], engine]
    elif isinstance(optimizer, str):
        start_again(engine.optimizer, make_optimizer(optimizer, lr, schedule))
    engine.measures = measures  # their streams belong to this call
    if engine.optimizer is not None:
        check_optimizer(engine.optimizer, model)
        if not engine.optimizer.built:
            engine.optimizer.build(model.trainable_variables)
        if getattr(model, "optimizer", None) is not engine.optimizer:
            model.compile(optimizer=engine.optimizer, loss=criterion)
    return engine


def _identity(thing: Any) -> Any:
    """Return what two equal losses, metrics or optimizers share: settings, code, or the object itself."""
    shown = isinstance(thing, keras.losses.Loss | keras.optimizers.schedules.LearningRateSchedule)
    if shown and type(thing).__module__.startswith("keras."):
        return type(thing).__qualname__, json.dumps(thing.get_config(), sort_keys=True, default=str)
    if isinstance(thing, WeightedCrossEntropy):
        return "weighted", tuple(thing.weights.tolist())
    if isinstance(thing, Accuracy):
        return "accuracy", thing.threshold, _identity(thing.criterion)
    return thing


def measure(engine: Engine, batches: ArrayBatches | LoaderBatches, run: Run | None = None) -> dict[str, float]:
    """Return the loss and the metrics of all rows at the model's present state."""
    engine.measures.streams.begin()
    numbers = []
    for piece in batches.in_order():
        numbers.append(engine.test(piece))
        if run is not None:
            run.raise_if_interrupted()
    return engine.measures.ordered(means(numbers) | engine.measures.streams.results())
