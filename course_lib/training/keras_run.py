"""What `course_lib.keras` leans on: steps on either backend, losses, batches, checks, Keras's callbacks."""

from __future__ import annotations

import io
import json
import math
import random
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.training import resume
from course_lib.training.batching import check_batching, make_batching
from course_lib.training.callbacks import GROUP_SECONDS, Callback, Logs
from course_lib.training.history import History
from course_lib.training.keras_batches import ArrayBatches, LoaderBatches, Piece, Steps, make_batches
from course_lib.training.keras_checks import check_arguments, first_line, try_out
from course_lib.training.keras_losses import (
    Accuracy,
    WeightedCrossEntropy,
    describe_loss,
    make_loss,
    make_metrics,
    mean_loss,
    mean_of,
    simplified,
)
from course_lib.training.resume import settings_of
from course_lib.training.run import Numbers, Run, column_names, learning_rate, means, prefixed, read_checkpoint

__all__ = [
    "MEASURE_ONLY",
    "Engine",
    "KerasRun",
    "Steps",
    "check_arguments",
    "check_batching",
    "column_names",
    "describe_loss",
    "make_batches",
    "make_batching",
    "make_engine",
    "make_loss",
    "make_metrics",
    "measure",
    "on_device",
    "prefixed",
    "read_checkpoint",
    "settings_of",
    "simplified",
    "try_out",
]

MEASURE_ONLY = object()  # in the place of an optimizer


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
        made = None
        if optimizer is not MEASURE_ONLY:
            made = with_loss_scaling(make_optimizer(optimizer, lr), model, [engine.optimizer for engine in kept])
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
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
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
    if isinstance(thing, Accuracy):
        return "accuracy", thing.threshold, _identity(thing.criterion)
    return thing


def _start_again(optimizer: keras.optimizers.Optimizer, fresh: keras.optimizers.Optimizer) -> None:
    """Give an optimizer that was used before the state of a new one."""
    for variable in optimizer.variables:
        variable.assign(ops.zeros_like(variable))
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer.dynamic_scale.assign(optimizer.initial_scale)
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
        count = 4 if math.isinf(self._step_seconds) else max(1, int(GROUP_SECONDS / self._step_seconds))
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

    def optimizer_settings(self) -> dict[str, Any]:
        """Return the optimizer's kind and its settings."""
        optimizer = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        config = {name: value for name, value in optimizer.get_config().items() if name != "name"}
        if isinstance(config["learning_rate"], float):
            config["learning_rate"] = float(str(np.float32(config["learning_rate"])))  # 0.001, as it was given
        kind = type(optimizer).__name__
        if isinstance(optimizer, ExactAdam):
            kind = "AdamW" if optimizer.weight_decay else "Adam"
        return {"kind": kind, "config": resume.plain(config)}

    def dump(self) -> bytes:
        """Return weights, optimizer, history, callbacks and random states as a file's content."""
        version, numbers, gauss = random.getstate()
        return pack(
            {
                "model": [ops.convert_to_numpy(v) for v in self.model.variables],
                "optimizer": [ops.convert_to_numpy(v) for v in self.optimizer.variables],
                "history": self.history.to_json(),
                "settings": self.settings,
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
            if name == "optimizer":
                resume.check_optimizer(state.get("settings"), self.settings["optimizer"]["kind"])
            if [v.shape for v in state[name]] != [tuple(v.shape) for v in variables]:
                raise ValueError(f"the checkpoint's {name} does not have the shapes of this {name}")
        resume.tell_epochs(self.epochs, History.from_json(state["history"]).epochs)
        for name, variables in every.items():
            for variable, value in zip(variables, state[name], strict=True):
                variable.assign(value)
        self._set_optimizer(state.get("settings"))
        self.take_over(state["history"])
        self.load_callback_states(state["callbacks"])
        version, numbers, gauss = state["python"]
        random.setstate((version, tuple(numbers), gauss))
        np.random.set_state(state["numpy"])  # noqa: NPY002
        self._set_torch_states(state.get("torch", []))
        if isinstance(self.batches, LoaderBatches):
            self.batches.skip_to(state.get("passes", 0))

    def _set_optimizer(self, saved: Mapping[str, Any] | None) -> None:
        """Bring back the rate where this call says another one; its other settings hold already."""
        now, given = self.settings["optimizer"]["config"], self.settings["lr_given"]
        rate = float(ops.convert_to_numpy(self.optimizer.learning_rate))
        old = saved["optimizer"]["config"] if saved else {"learning_rate": float(str(np.float32(rate)))}
        changes = resume.changed_settings(old, now, given)
        if "learning_rate" in changes and isinstance(now["learning_rate"], float):
            self.optimizer.learning_rate = now["learning_rate"]
        if not given:
            now["learning_rate"] = old["learning_rate"]  # still the rate that this run began with
        resume.tell(saved or {}, self.settings, changes)

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
        self._sums: dict[str, tuple[float, float]] = {}
        self.callback.on_epoch_begin(epoch - 1, {})
        self._batch_begins(0)

    def _batch_begins(self, batch: int) -> None:
        if self._per_batch and batch != self.run.steps:
            self.callback.on_train_batch_begin(batch, {})

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Pass on the running means, as Keras does."""
        if not self._per_batch or logs is None:
            return
        values = {name: value for name, value in logs.items() if name not in ("size", "weight", "lr")}
        for name, value in values.items():
            total, count = self._sums.get(name, (0.0, 0))
            counted = logs["size"] if logs["weight"] else 0  # without labels that count there is no loss
            self._sums[name] = total + (value * counted if counted else 0.0), count + counted
        means = {name: total / count if count else 0.0 for name, (total, count) in self._sums.items()}
        self.callback.on_train_batch_end(batch - 1, means)
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
            f"the checkpoint cannot be read; was it cut short, or is it no checkpoint? ({first_line(error)})"
        ) from error

    def rich(value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"__array__"}:
                return arrays[f"a{value['__array__']}"]
            return {key: rich(item) for key, item in value.items()}
        return [rich(item) for item in value] if isinstance(value, list) else value

    return rich(tree)
