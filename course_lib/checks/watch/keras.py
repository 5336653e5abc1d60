"""Watching any Keras model: each pass through it is noted as plain data, and what there is to leave as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from tensorflow.python.eager import record as tape

__all__ = ["eagerly", "state", "tape_is_open", "tensors", "watched"]


def watched(model: keras.Model, events: list[dict[str, Any]]) -> keras.Model:
    """Return the model, which from now on notes each pass.

    Parameters
    ----------
    model : keras.Model
        Takes rows of features.
    events : list
        Where it notes "forward": the "rows" by their first feature, the "modes" of the model and its layers by name,
        "grad", whether a gradient tape was open.
    """
    kind = type(model)

    def call(self: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        outputs = kind.call(self, inputs, training=training)
        with contextlib.suppress(Exception):
            rows = [float(v) for v in np.asarray(ops.convert_to_numpy(inputs))[:, 0]]
            modes = {"model": bool(training), **{layer.name: _mode(layer, training) for layer in self.layers}}
            events.append({"what": "forward", "rows": rows, "modes": modes, "grad": tape_is_open()})
        return outputs

    model.__class__ = type(kind.__name__, (kind,), {"call": call})
    return model


def _mode(layer: keras.Layer, training: Any) -> bool:
    """Whether a layer runs in training mode; a frozen batch norm never does, as Keras says."""
    return bool(training) and (layer.trainable or not isinstance(layer, layers.BatchNormalization))


def state(model: keras.Model) -> dict[str, Any]:
    """Return all that a measurement must leave alone, as plain data."""

    def read(variables: Any) -> list[list[float]]:
        return [np.ravel(ops.convert_to_numpy(v)).tolist() for v in variables]

    statistics = [v for layer in model.layers for v in layer.non_trainable_variables if "moving" in v.name]
    others = {id(v) for v in statistics}
    return {
        # A dropout's state of random numbers goes on with each pass, as it should.
        "weights": read(v for v in model.weights if id(v) not in others and "seed" not in v.path),
        "statistics": read(statistics),
        "settings": [{k: v for k, v in vars(layer).items() if isinstance(v, float)} for layer in model.layers],
        "optimizer": id(model.optimizer),
        "loss": id(model.loss),
    }


def tape_is_open() -> bool:
    """Whether a gradient tape records what happens now."""
    return bool(tape.could_possibly_record())


def tensors(batches: Iterable[tuple[Any, Any]], as_list: bool = False) -> list[Any]:
    """Return batches of arrays as pairs of tensors, or as lists of two."""
    pairs = [(tf.constant(x), tf.constant(y)) for x, y in batches]
    return [list(pair) for pair in pairs] if as_list else pairs


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Run what Keras would compile step by step, so that passes can be noted and take milliseconds."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)
