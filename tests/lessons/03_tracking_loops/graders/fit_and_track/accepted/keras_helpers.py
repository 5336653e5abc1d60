# track: keras
import numpy as np
import tensorflow as tf


def batches(rows, size):
    x, y = rows
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def update(model, x, y):
    with tf.GradientTape() as tape:
        value = model.loss(y, model(x, training=True))
    variables = model.trainable_variables
    model.optimizer.apply_gradients(zip(tape.gradient(value, variables), variables))
    return value.numpy()


def measure(model, x, y):
    return model.loss(y, model(x)).numpy()


def mean(pairs):
    values, sizes = zip(*pairs)
    return np.average(values, weights=sizes)


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    loss, val_loss = np.zeros(epochs), np.zeros(epochs)
    for epoch in range(epochs):
        loss[epoch] = mean([(update(model, x, y), len(x)) for x, y in batches(train_data, batch_size)])
        val_loss[epoch] = mean([(measure(model, x, y), len(x)) for x, y in batches(val_data, batch_size)])
    return {"loss": loss, "val_loss": val_loss}
