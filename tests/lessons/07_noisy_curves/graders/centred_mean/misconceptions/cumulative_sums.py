# diagnosis: non_finite_spreads
# seen: the fast running mean
import numpy as np


def centred_mean(values, window):
    if window > len(values):
        return np.array([]), np.array([])
    total = np.concatenate([[0.0], np.cumsum(values)])
    means = (total[window:] - total[:-window]) / window
    return np.arange(len(means)) + (window + 1) / 2, means
