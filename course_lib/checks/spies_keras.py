"""Spies for Keras answers: a linear model that notes each batch which passes through it.

As in `course_lib.checks.spies_pytorch`, the output is multiplied by ``gain`` in training mode, so that
every number can be worked out in NumPy. The models are compiled to run eagerly: a fit of a few rows
then takes milliseconds, and what passes through can be seen.
"""

from __future__ import annotations

import contextlib
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.checks.linear import TILT

__all__ = ["SpyModel", "compiled", "tilted_loss", "weights_of"]

Events = list[dict[str, Any]]


class SpyModel(keras.Model):
    """A linear model with a mode, that notes each batch which passes through it.

    Parameters
    ----------
    weights : sequence of float, shape (features + 1,)
        The starting weights; the last one is the bias.
    gain : float
        What the output is multiplied by in training mode.
    events : list
        Where it notes "forward": the rows' first feature, the mode, and the weights at that time.
    """

    def __init__(self, weights: Any, gain: float, events: Events):
        super().__init__()
        values = np.asarray(weights, dtype="float32")
        self.kernel = self.add_weight(shape=(len(values) - 1,), initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(), initializer="zeros", name="bias")
        self.kernel.assign(values[:-1])
        self.bias.assign(values[-1])
        self.gain = gain
        self.notes = _Notes(events)
        self.built = True

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


class _Notes:
    """Keeps the list of events out of Keras's tracking, which would wrap and copy it."""

    def __init__(self, events: Events):
        self.add = events.append

    def __deepcopy__(self, memo: Any) -> _Notes:
        return self


def weights_of(model: keras.Model) -> list[float]:
    """Return all trainable weights of a model in one list of floats."""
    return [float(v) for w in model.trainable_variables for v in np.ravel(ops.convert_to_numpy(w))]


def tilted_loss(targets: Any, outputs: Any) -> Any:
    """Return the mean loss of a batch; not the same with its arguments swapped."""
    targets = ops.reshape(ops.cast(targets, "float32"), (-1,))
    return ops.mean((ops.reshape(outputs, (-1,)) - targets) ** 2 + TILT * ops.reshape(outputs, (-1,)))


class TiltedLoss(keras.losses.Loss):
    """The same as a loss object, so that ``model.loss(targets, outputs)`` is a batch's mean, as in the lessons."""

    def call(self, targets: Any, outputs: Any) -> Any:
        targets = ops.reshape(ops.cast(targets, "float32"), (-1,))
        outputs = ops.reshape(outputs, (-1,))
        return (outputs - targets) ** 2 + TILT * outputs


def compiled(weights: Any, gain: float, events: Events, lr: float, momentum: float = 0.0) -> SpyModel:
    """Return a spied model, compiled with plain SGD, that runs eagerly."""
    model = SpyModel(weights, gain, events)
    model.compile(
        optimizer=keras.optimizers.SGD(lr, momentum=momentum),
        loss=TiltedLoss(),
        run_eagerly=True,
    )
    return model
