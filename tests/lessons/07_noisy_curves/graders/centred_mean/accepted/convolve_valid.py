import numpy as np


def centred_mean(values, window):
    if window > len(values):
        return np.array([]), np.array([])
    means = np.convolve(values, np.ones(window) / window, mode="valid")
    return np.arange(len(means)) + (window + 1) / 2, means
