# track: keras
# diagnosis: cut_to_whole_number
# seen: TensorFlow's mean of whole numbers is a whole number
import math
import tensorflow as tf


def mse(predictions, targets):
    p = tf.squeeze(tf.constant(predictions))
    t = tf.squeeze(tf.constant(targets))
    return tf.reduce_mean(tf.math.squared_difference(p, t)).numpy()
