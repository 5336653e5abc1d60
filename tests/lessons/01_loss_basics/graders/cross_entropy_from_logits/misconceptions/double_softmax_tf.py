# diagnosis: double_softmax
# track: keras
import keras
import tensorflow as tf


def cross_entropy_from_logits(logits, targets):
    p = tf.nn.softmax(logits)
    return float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, p))
