# track: keras
import tensorflow as tf


def evaluate(model, batches, loss_fn):
    total = tf.constant(0.0)
    count = 0
    for batch in batches:
        inputs, targets = batch
        size = tf.shape(targets)[0]
        total += loss_fn(targets, model(inputs, training=False)) * tf.cast(size, "float32")
        count += int(size)
    return (total / count).numpy()
