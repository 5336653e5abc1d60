# track: keras
import numpy as np
import tensorflow as tf


def first_loss_diagnosis(model, inputs, targets, n_classes):
    rows = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=model(inputs))
    first_loss = float(tf.reduce_mean(rows))
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
