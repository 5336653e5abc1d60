# track: keras
import tensorflow as tf


def mse(predictions, targets):
    p = tf.reshape(tf.cast(predictions, tf.float32), [-1])
    t = tf.reshape(tf.cast(targets, tf.float32), [-1])
    return tf.reduce_mean(tf.square(p - t))
