# track: keras
import tensorflow as tf


def cross_entropy_from_logits(logits, targets):
    z = tf.constant(logits, dtype=tf.float32)
    right = tf.gather(z, tf.constant(targets), axis=1, batch_dims=1)
    return float(tf.reduce_mean(tf.reduce_logsumexp(z, axis=1) - right))
