# track: keras
# diagnosis: log_of_zero
import keras
import numpy as np
import tensorflow as tf


def first_loss_diagnosis(model, inputs, targets, n_classes):
    out = model(inputs)
    first = float(-tf.reduce_mean(tf.gather(tf.math.log(tf.nn.softmax(out)), targets, batch_dims=1)))
    expected = float(np.log(n_classes))
    return {"first_loss": first, "expected": expected, "healthy": bool(abs(first - expected) < 0.2 * expected)}
