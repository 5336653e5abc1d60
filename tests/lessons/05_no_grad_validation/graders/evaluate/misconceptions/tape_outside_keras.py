# track: keras
# diagnosis: gradients_on
# seen: one tape around the whole validation loop
import tensorflow as tf


def evaluate(model, batches, loss_fn):
    with tf.GradientTape() as tape:
        total, n = 0.0, 0
        for x, y in batches:
            total += loss_fn(y, model(x, training=False)) * len(y)
            n += len(y)
    return float(total) / n
