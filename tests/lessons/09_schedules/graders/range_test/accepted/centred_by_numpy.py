import numpy as np


def range_test(rates, losses, window):
    losses = np.asarray(losses, dtype=float)
    bad = np.flatnonzero(~np.isfinite(losses))
    losses = losses[: bad[0]] if bad.size else losses
    if losses.size < window:
        return np.nan
    means = np.convolve(losses, np.full(window, 1 / window), mode="valid").round(12)
    return rates[means.argmin() + (window - 1) // 2] * 0.1
