import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def range_test(rates, losses, window):
    values = np.array([float(v) for v in losses])
    good = int(np.argmax(~np.isfinite(values))) if not np.isfinite(values).all() else len(values)
    if good < window:
        return np.float64("nan")
    means = sliding_window_view(values[:good], window).mean(axis=1).round(10)
    return np.asarray(rates, dtype=float)[np.argmin(means) + window // 2] / 10
