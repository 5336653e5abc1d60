# track: keras
import keras
import numpy as np


def centred_mean(values, window):
    n = len(values)
    if window > n:
        return (), ()
    rows = keras.ops.stack([keras.ops.convert_to_tensor(np.array(values[i : n - window + 1 + i], "float64")) for i in range(window)])
    means = keras.ops.mean(rows, axis=0)
    return keras.ops.arange(n - window + 1, dtype="float64") + (window + 1) / 2, means
