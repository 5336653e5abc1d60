"""One step of training or measuring with Keras, on either of its backends."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.training.arguments import learning_rate
from course_lib.training.keras_batches import ArrayBatches, LoaderBatches, Piece
from course_lib.training.keras_losses import (
    Accuracy,
    WeightedCrossEntropy,
    mean_loss,
    mean_of,
)
from course_lib.training.keras_schedule import schedule_in
from course_lib.training.means import Numbers, means
from course_lib.training.run import Run

__all__ = ["MEASURE_ONLY", "Engine", "ExactAdam", "make_engine", "measure", "on_device"]


MEASURE_ONLY = object()  # in the place of an optimizer


def on_device(device: str | None) -> AbstractContextManager[Any]:
    """Return Keras's device scope, or one that changes nothing."""
    return nullcontext() if device is None else keras.device(device)


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


def make_optimizer(optimizer: Any, lr: float | None, schedule: Any = None) -> keras.optimizers.Optimizer:
    """Return an optimizer; names mean the same as in `course_lib.pytorch`, and take a schedule in the rate's place."""
    if isinstance(optimizer, keras.optimizers.Optimizer):
        if lr is not None:
            raise ValueError("lr goes with an optimizer given by name; this optimizer has its own learning rate")
        return optimizer
    known: dict[str, Callable[[Any], keras.optimizers.Optimizer]] = {
        "sgd": lambda rate: keras.optimizers.SGD(rate),
        "adam": lambda rate: ExactAdam(rate, epsilon=1e-8),
        "adamw": lambda rate: ExactAdam(rate, weight_decay=0.01, epsilon=1e-8),
    }
    if not isinstance(optimizer, str) or optimizer.lower() not in known:
        raise ValueError(f"optimizer is {optimizer!r}; expected one of {', '.join(known)}, or a Keras optimizer")
    name = optimizer.lower()
    return known[name](learning_rate(name, lr) if schedule is None else schedule)


def with_loss_scaling(optimizer: keras.optimizers.Optimizer, model: keras.Model, used: Sequence[Any]) -> Any:
    """Return the optimizer, wrapped as ``model.compile`` does where layers compute in float16.

    Gradients smaller than 6e-8 are zero in float16. So the loss is multiplied by a large number
    before they are computed, and they are divided by it afterwards, in float32. An optimizer that
    one of the wrappers `used` before holds stays in that one.
    """
    wrapper = keras.optimizers.LossScaleOptimizer
    half = any(layer.compute_dtype == "float16" for layer in (model, *model._flatten_layers()))
    if not half or isinstance(optimizer, wrapper):
        return optimizer
    wrapped = [other for other in used if getattr(other, "inner_optimizer", None) is optimizer]
    return wrapped[0] if wrapped else wrapper(optimizer, name="loss_scale_optimizer")


class Engine:
    """Takes training steps and measures, on Keras's present backend."""

    def __init__(self, model: keras.Model, criterion: Any, metrics: Mapping[str, Any], optimizer: Any) -> None:
        self.model, self.criterion, self.metrics, self.optimizer = model, criterion, dict(metrics), optimizer
        self.key: tuple[Any, ...] = ()

    # One step, the same on every backend but for the gradients.

    def forward(self, x: Any, y: Any, training: bool) -> tuple[Any, Any, Any]:
        """Return the loss to descend on, penalties of the layers included, what it counts, and the outputs."""
        output = self.model(x, training=training)
        loss, weight = mean_loss(self.criterion, y, output)
        for penalty in self.model.losses:
            loss = loss + penalty
        return loss, weight, output

    def report(self, loss: Any, weight: Any, output: Any, y: Any, rate: Any) -> Any:
        """Return the step's numbers as one vector: loss, weight, size, learning rate, metrics, their counts."""
        if getattr(self.criterion, "reduction", "mean") == "sum":
            loss = loss / ops.cast(weight, loss.dtype)
        numbers, counts = [loss, weight, ops.shape(y)[0], rate], []
        for metric in self.metrics.values():
            if isinstance(metric, Accuracy):
                right, count = metric.counts(y, output)
                numbers.append(right / ops.maximum(count, 1.0))
                counts.append(count)
            else:
                numbers.append(mean_of(metric(y, output)))
        numbers += counts
        return ops.stack([ops.cast(number, "float32") for number in numbers])

    def train(self, piece: Piece) -> tuple[Numbers, list[float]]:
        """Take the steps of a piece; return their numbers and learning rates."""
        raise NotImplementedError

    def test(self, piece: Piece) -> Numbers:
        """Measure one batch in evaluation mode."""
        raise NotImplementedError

    @property
    def width(self) -> int:
        """How many numbers `report` returns."""
        return 4 + len(self.metrics) + sum(isinstance(metric, Accuracy) for metric in self.metrics.values())

    def _numbers(self, table: np.ndarray) -> tuple[Numbers, list[float]]:
        loss, weight, size, rate, *columns = table.T.tolist()
        named = dict(zip(self.metrics, columns, strict=False))
        over_labels = [name for name, metric in self.metrics.items() if isinstance(metric, Accuracy)]
        counts = dict(zip(over_labels, columns[len(named) :], strict=True))
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

    def _call(self, function: Callable[..., Any], x: Any, y: Any, *more: Any) -> np.ndarray:
        """Call it as a `tf.function`, one for each rank of x and y: a trace for any rank does not exist."""
        key = function.__name__, len(x.shape), len(y.shape)
        if key not in self._compiled:
            self._compiled[key] = self.tf.function(function, reduce_retracing=True)
        return self._compiled[key](x, y, *more).numpy()

    def _step(self, x: Any, y: Any) -> Any:
        variables = [variable.value for variable in self.model.trainable_variables]
        with self.tf.GradientTape() as tape:
            loss, weight, output = self.forward(x, y, training=True)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, variables)
        rate = self.optimizer.learning_rate
        self.optimizer.apply(gradients, self.model.trainable_variables)
        return self.report(loss, weight, output, y, rate)

    def _steps(self, x: Any, y: Any, rows: Any, batch_size: Any) -> Any:
        tf = self.tf
        size = tf.shape(rows)[0]
        count = (size + batch_size - 1) // batch_size
        table = tf.TensorArray(tf.float32, count, element_shape=[self.width])

        def one(i: Any, table: Any) -> tuple[Any, Any]:
            some = rows[i * batch_size : tf.minimum((i + 1) * batch_size, size)]
            return i + 1, table.write(i, self._step(tf.gather(x, some), tf.gather(y, some)))

        _, table = tf.while_loop(lambda i, table: i < count, one, (0, table), parallel_iterations=1)
        return table.stack()

    def _test(self, x: Any, y: Any) -> Any:
        return self.report(*self.forward(x, y, training=False), y, 0.0)

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
        loss, weight, output = self.forward(x, y, training=True)
        self.optimizer.scale_loss(loss).backward()
        variables = [v for v in self.model.trainable_variables if v.value.grad is not None]
        rate = self.optimizer.learning_rate
        with torch.no_grad():
            self.optimizer.apply([variable.value.grad for variable in variables], variables)
            return self.report(loss, weight, output, y, rate)

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
            numbers = self.report(*self.forward(piece.x, piece.y, training=False), piece.y, 0.0)
            return self._numbers(numbers[None].cpu().numpy())[0]


def make_engine(
    model: keras.Model,
    criterion: Any,
    metrics: Mapping[str, Any],
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
    key = (_identity(criterion), tuple((name, _identity(m)) for name, m in metrics.items()), _identity(by))
    trained = tuple(id(variable) for variable in model.trainable_variables)
    kept: list[Engine] = model.__dict__.setdefault("_course_engines", [])
    engine = next((engine for engine in kept if engine.key == (*key, trained)), None)
    if engine is None:
        made = None
        if optimizer is not MEASURE_ONLY:
            made = with_loss_scaling(
                make_optimizer(optimizer, lr, schedule), model, [engine.optimizer for engine in kept]
            )
        engine = engines[backend](model, criterion, metrics, made)
        engine.key = (*key, trained)
        kept[:] = [*kept[-3:], engine]
    elif isinstance(optimizer, str):
        _start_again(engine.optimizer, make_optimizer(optimizer, lr, schedule))
    if engine.optimizer is not None:
        _check_optimizer(engine.optimizer, model)
        if not engine.optimizer.built:
            engine.optimizer.build(model.trainable_variables)
        if getattr(model, "optimizer", None) is not engine.optimizer:
            model.compile(optimizer=engine.optimizer, loss=criterion)
    return engine


def _check_optimizer(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> None:
    """Raise when the optimizer keeps its momenta for other variables than this model's."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    known = {id(variable) for variable in getattr(optimizer, "_trainable_variables", ())}
    if optimizer.built and known and not known.issuperset(map(id, model.trainable_variables)):
        raise ValueError(
            "the optimizer was made for another model, or before some layers of this one became trainable; make a "
            "new one for the model you train"
        )


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


def _start_again(optimizer: keras.optimizers.Optimizer, fresh: keras.optimizers.Optimizer) -> None:
    """Give an optimizer that was used before the state of a new one."""
    for variable in optimizer.variables:
        variable.assign(ops.zeros_like(variable))
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer.dynamic_scale.assign(optimizer.initial_scale)
    if schedule_in(fresh) is None:
        optimizer.learning_rate = float(ops.convert_to_numpy(fresh.learning_rate))


def measure(engine: Engine, batches: ArrayBatches | LoaderBatches, run: Run | None = None) -> dict[str, float]:
    """Return the means over all samples at the present weights."""
    numbers = []
    for piece in batches.in_order():
        numbers.append(engine.test(piece))
        if run is not None:
            run.raise_if_interrupted()
    return means(numbers)
