# diagnosis: window_instead
import numpy as np


def smooth(values, beta):
    width = max(1, round(1 / (1 - beta)))
    if len(values) < width:
        return list(values)
    return np.convolve(values, np.ones(width) / width, mode="valid")
