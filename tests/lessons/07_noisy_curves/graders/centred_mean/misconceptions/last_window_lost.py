# diagnosis: one_window_missing
# seen: range(len(values) - window)
import numpy as np


def centred_mean(values, window):
    means = np.array([np.mean(values[k : k + window]) for k in range(max(0, len(values) - window))])
    return np.arange(len(means)) + (window + 1) / 2, means
