"""Spies for Keras answers: a linear model that notes each batch which passes through it.

As in `course_lib.checks.watch.spies_pytorch`, the output is multiplied by ``gain`` in training mode, so that
every number can be worked out in NumPy. The models are compiled to run eagerly: a fit of a few rows
then takes milliseconds, and what passes through can be seen.
"""

from __future__ import annotations

import contextlib
import weakref
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.checks.linear import TILT
from course_lib.checks.watch.keras import tape_is_open

__all__ = ["SpyModel", "TapeSpy", "TiltedLoss", "compiled", "noting_steps", "tilted_loss", "weights_of"]

Events = list[dict[str, Any]]


@keras.saving.register_keras_serializable(package="course_lib")
class SpyModel(keras.Model):
    """A linear model with a mode, that notes each batch which passes through it.

    A copy of it (`copy.deepcopy`, `keras.models.clone_model`) notes in the same list, with its own weights.

    Parameters
    ----------
    weights : sequence of float, shape (features + 1,)
        The starting weights; the last one is the bias.
    gain : float
        What the output is multiplied by in training mode.
    events : list
        Where it notes "forward": the rows' first feature, the mode, and the weights at that time.
    """

    def __init__(self, weights: Any, gain: float, events: Events | _Notes):
        super().__init__()
        values = np.asarray(weights, dtype="float32")
        self.kernel = self.add_weight(shape=(len(values) - 1,), initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(), initializer="zeros", name="bias")
        self.kernel.assign(values[:-1])
        self.bias.assign(values[-1])
        self.gain = gain
        self.notes = events if isinstance(events, _Notes) else _Notes(events)
        self.supports_jit = False  # what a compiled graph notes cannot be compiled further
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes another model from: the features, the gain, and where to note."""
        return {"features": int(self.kernel.shape[0]), "gain": self.gain, "notes": self.notes.key}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> SpyModel:
        """Return a model that has not learned anything and notes where the first one does."""
        return cls([0.0] * (config["features"] + 1), config["gain"], _Notes.known.get(config["notes"]) or [])

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as the first model was; a clone, too, runs eagerly."""
        super().compile_from_config(config)
        self.run_eagerly = True

    def __deepcopy__(self, memo: Any) -> SpyModel:
        copied = self.from_config(self.get_config())
        memo[id(self)] = copied
        copied.set_weights(self.get_weights())
        if self.optimizer is not None:
            optimizer = type(self.optimizer).from_config(self.optimizer.get_config())
            copied.compile(optimizer=optimizer, loss=self.loss, run_eagerly=self.run_eagerly)
        return copied

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Train as any model does, and count the call: some exercises ask for a loop of one's own."""
        self.notes.fits += 1
        return super().fit(*args, **kwargs)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Return the outputs, shape (rows,)."""
        outputs = ops.sum(inputs * self.kernel, axis=-1) + self.bias
        if training:
            outputs = outputs * self.gain
        with contextlib.suppress(Exception):
            if tf.executing_eagerly():
                self._note(ops.convert_to_numpy(inputs), weights_of(self), bool(training))
            elif isinstance(inputs, tf.Tensor):  # inside a learner's tf.function: note when the graph runs
                weights = tf.concat([tf.identity(self.kernel), [tf.identity(self.bias)]], axis=0)
                tf.numpy_function(self._note, [inputs, weights, bool(training)], [])
        return outputs

    def _note(self, inputs: Any, weights: Any, training: Any) -> None:
        rows = [float(v) for v in np.asarray(inputs)[:, 0]]
        weights = [float(v) for v in weights]
        self.notes.add({"what": "forward", "rows": rows, "training": bool(training), "weights": weights})


class TapeSpy(SpyModel):
    """A `SpyModel` for loops written by hand: it also notes under "grad" whether a gradient tape was open."""

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Return the outputs, and note the tape."""
        outputs = super().call(inputs, training=training)
        self.notes.events[-1]["grad"] = tape_is_open()
        return outputs


def noting_steps(lr: float, momentum: float, events: Events) -> keras.optimizers.Optimizer:
    """Return plain SGD that notes each "step"."""

    class SGD(keras.optimizers.SGD):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            events.append({"what": "step"})
            super().apply(grads, trainable_variables)

    return SGD(lr, momentum=momentum)


@keras.saving.register_keras_serializable(package="course_lib")
class SpySGD(keras.optimizers.SGD):
    """Plain SGD that adds to the newest of a list's notes the weights "after" its step."""

    notes: _Notes | None = None

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Take the step, then note the weights."""
        super().apply(grads, trainable_variables)
        with contextlib.suppress(Exception):
            variables = [ops.reshape(v, (-1,)) for v in self._trainable_variables]
            if tf.executing_eagerly():
                self._note(np.concatenate([ops.convert_to_numpy(v) for v in variables]))
            else:
                tf.numpy_function(self._note, [tf.concat(variables, axis=0)], [])

    def _note(self, weights: Any) -> None:
        if self.notes is not None and self.notes.events:
            self.notes.events[-1]["after"] = [float(v) for v in weights]


class _Notes:
    """Keeps the list of events out of Keras's tracking, which would wrap and copy it."""

    #: All of them by their key, for a config holds plain data alone.
    known: ClassVar[weakref.WeakValueDictionary[str, _Notes]] = weakref.WeakValueDictionary()

    def __init__(self, events: Events):
        self.events = events
        self.add = events.append
        #: How often ``fit`` was called.
        self.fits = 0
        self.key = str(id(self))
        self.known[self.key] = self

    def __deepcopy__(self, memo: Any) -> _Notes:
        return self


def weights_of(model: keras.Model) -> list[float]:
    """Return all trainable weights of a model in one list of floats."""
    return [float(v) for w in model.trainable_variables for v in np.ravel(ops.convert_to_numpy(w))]


def tilted_loss(targets: Any, outputs: Any) -> Any:
    """Return the mean loss of a batch; not the same with its arguments swapped."""
    targets = ops.reshape(ops.cast(targets, "float32"), (-1,))
    return ops.mean((ops.reshape(outputs, (-1,)) - targets) ** 2 + TILT * ops.reshape(outputs, (-1,)))


@keras.saving.register_keras_serializable(package="course_lib")
class TiltedLoss(keras.losses.Loss):
    """The same as a loss object, so that ``model.loss(targets, outputs)`` is a batch's mean, as in the lessons."""

    def call(self, targets: Any, outputs: Any) -> Any:
        """Return each row's loss."""
        targets = ops.reshape(ops.cast(targets, "float32"), (-1,))
        outputs = ops.reshape(outputs, (-1,))
        return (outputs - targets) ** 2 + TILT * outputs


def compiled(weights: Any, gain: float, events: Events, lr: float, momentum: float = 0.0) -> SpyModel:
    """Return a spied model, compiled with plain SGD, that runs eagerly."""
    model = SpyModel(weights, gain, events)
    optimizer = SpySGD(lr, momentum=momentum)
    optimizer.notes = model.notes
    model.compile(
        optimizer=optimizer,
        loss=TiltedLoss(),
        run_eagerly=True,
    )
    return model
