# diagnosis: padded_with_zeros
# seen: the most copied line on smoothing
import numpy as np


def centred_mean(values, window):
    means = np.convolve(values, np.ones(window) / window, mode="same")
    return np.arange(1, len(values) + 1), means[: len(values)]
