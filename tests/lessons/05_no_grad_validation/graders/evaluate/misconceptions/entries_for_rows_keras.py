# track: keras
# diagnosis: entries_counted
# seen: counts the entries of the targets, not the rows
import tensorflow as tf


def evaluate(model, batches, loss_fn):
    total, n = 0.0, 0
    for x, y in batches:
        size = int(tf.size(y))
        total += float(loss_fn(y, model(x, training=False))) * size
        n += len(y)
    return total / n
