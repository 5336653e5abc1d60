# diagnosis: non_finite_is_lowest
import numpy as np


def range_test(rates, losses, window):
    if len(losses) < window or not np.isfinite(losses[:window]).all():
        return np.nan
    means = np.convolve(losses, np.full(window, 1 / window), "valid")
    return rates[int(np.argmin(means)) + window // 2] / 10
