# diagnosis: longer_window_cut
# seen: convolve's valid mode with a window longer than the series
import numpy as np


def centred_mean(values, window):
    means = np.convolve(values, np.ones(window) / window, mode="valid")
    return np.arange(len(means)) + (window + 1) / 2, means
