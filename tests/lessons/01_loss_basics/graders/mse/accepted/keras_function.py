# track: keras
import keras


def mse(predictions, targets):
    return float(keras.ops.mean(keras.losses.mean_squared_error(targets, predictions.astype("float64"))))
