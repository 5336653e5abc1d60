# track: keras
import keras


def mse(predictions, targets):
    p = keras.ops.reshape(keras.ops.cast(predictions, "float32"), (-1,))
    t = keras.ops.reshape(keras.ops.cast(targets, "float32"), (-1,))
    return keras.ops.mean(keras.ops.square(p - t))
