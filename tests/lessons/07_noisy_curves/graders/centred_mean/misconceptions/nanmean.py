# diagnosis: non_finite_left_out
import numpy as np


def centred_mean(values, window):
    means = np.array([np.nanmean(values[k : k + window]) for k in range(max(0, len(values) - window + 1))])
    return np.arange(len(means)) + (window + 1) / 2, means
