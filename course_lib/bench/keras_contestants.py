"""Who races in Keras: the same network by hand, with the course's `fit`, and with what Keras brings along."""

from __future__ import annotations

from typing import Any

from course_lib.bench.torch_contestants import Contestant, callbacks
from course_lib.data import Data

__all__ = ["ours_keras", "same_work_keras", "stock", "stock_dataset", "train_on_batch"]


def _keras_model(data: Data, **compiling: Any) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    kinds = keras.layers
    inputs, outputs = data.train.x.shape[1], len(data.classes)
    model = keras.Sequential([kinds.Input((inputs,)), kinds.Dense(64, "relu"), kinds.Dense(outputs)])
    if compiling:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"], **compiling)
    return model


def ours_keras(data: Data, epochs: int, folder: str) -> Contestant:
    """Return the course's `fit` for Keras."""
    from course_lib.keras import fit

    model, told = _keras_model(data), callbacks(folder)

    def run() -> None:
        fit(
            model,
            data.train,
            data.val,
            loss="cross_entropy",
            epochs=epochs,
            metrics=["accuracy"],
            callbacks=told,
        )

    return run


def same_work_keras(data: Data, epochs: int) -> Contestant:
    """Return the fair opponent in Keras: a traced step, and in Python what a loop by hand records of every batch."""
    import keras
    import numpy as np
    import tensorflow as tf

    model = _keras_model(data)
    loss, optimizer = keras.losses.SparseCategoricalCrossentropy(from_logits=True), keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(0)

    @tf.function(reduce_retracing=True)
    def step(x: Any, y: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            output = model(x, training=True)
            value = loss(y, output)
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value, tf.reduce_sum(tf.cast(tf.argmax(output, 1) == y, tf.float32))

    @tf.function(reduce_retracing=True)
    def look(x: Any, y: Any) -> tuple[Any, Any]:
        output = model(x, training=False)
        return loss(y, output), tf.reduce_mean(tf.cast(tf.argmax(output, 1) == y, tf.float32))

    def run() -> None:
        batches, epochs_seen = [], []
        for _ in range(epochs):
            total = right = 0.0
            order = rng.permutation(len(data.train.y))
            for start in range(0, len(order), 32):
                rows = order[start : start + 32]
                value, hits = (float(one) for one in step(data.train.x[rows], data.train.y[rows]))
                batches.append((value, len(rows), hits / len(rows), float(optimizer.learning_rate)))
                total, right = total + value * len(rows), right + hits
            val = [float(one) for one in look(data.val.x, data.val.y)]
            epochs_seen.append((total / len(order), right / len(order), *val))

    return run


def stock(data: Data, epochs: int) -> Contestant:
    """Return Keras's own `fit` on arrays."""
    model = _keras_model(data, run_eagerly=False)
    return lambda: model.fit(*data.train, validation_data=data.val, epochs=epochs, batch_size=32, verbose=0)


def stock_dataset(data: Data, epochs: int, steps: int = 1) -> Contestant:
    """Return Keras's own `fit` on a cached tf.data pipeline."""
    import tensorflow as tf

    model = _keras_model(data, steps_per_execution=steps)
    rows = len(data.train.y)
    train = tf.data.Dataset.from_tensor_slices(tuple(data.train)).cache().shuffle(rows).batch(32).prefetch(2)
    val = tf.data.Dataset.from_tensor_slices(tuple(data.val)).batch(1024).cache()
    return lambda: model.fit(train, validation_data=val, epochs=epochs, verbose=0)


def train_on_batch(data: Data, epochs: int) -> Contestant:
    """Return a loop of Keras's `train_on_batch`."""
    model = _keras_model(data, run_eagerly=False)

    def run() -> None:
        for _ in range(epochs):
            for start in range(0, len(data.train.y), 32):
                model.train_on_batch(data.train.x[start : start + 32], data.train.y[start : start + 32])
            model.evaluate(*data.val, verbose=0, batch_size=1024)

    return run
