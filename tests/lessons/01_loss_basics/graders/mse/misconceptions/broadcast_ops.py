# diagnosis: broadcast
# track: keras
import keras


def mse(predictions, targets):
    return float(keras.ops.mean(keras.ops.square(keras.ops.subtract(predictions, targets))))
