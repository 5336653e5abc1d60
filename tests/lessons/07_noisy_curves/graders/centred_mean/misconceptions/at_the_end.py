# diagnosis: trailing_instead_of_centred
# seen: pandas' rolling without center=True
import numpy as np


def centred_mean(values, window):
    means = np.array([np.mean(values[k : k + window]) for k in range(max(0, len(values) - window + 1))])
    return np.arange(len(means)) + window, means
