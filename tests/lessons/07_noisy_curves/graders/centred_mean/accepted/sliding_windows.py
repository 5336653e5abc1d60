import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def centred_mean(values, window):
    values = np.asarray(values, dtype=float)
    steps = np.arange(1, len(values) + 1)
    if window > len(values):
        return [], []
    return sliding_window_view(steps, window).mean(axis=1), sliding_window_view(values, window).mean(axis=1)
