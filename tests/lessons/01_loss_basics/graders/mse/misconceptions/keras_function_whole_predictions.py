# track: keras
# diagnosis: inputs_cut_to_whole_numbers
# seen: Keras gives the targets the kind of numbers that the predictions have
import keras


def mse(predictions, targets):
    return float(keras.ops.mean(keras.losses.mean_squared_error(targets, predictions)))
