# diagnosis: cumulative_mean
import numpy as np


def smooth(values, beta):
    return (np.cumsum(values) / np.arange(1, len(values) + 1)).tolist()
