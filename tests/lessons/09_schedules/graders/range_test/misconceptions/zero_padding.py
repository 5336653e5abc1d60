# diagnosis: padded_with_zeros
import numpy as np


def range_test(rates, losses, window):
    bad = [k for k, loss in enumerate(losses) if not np.isfinite(loss)]
    finite = np.asarray(losses[: bad[0]] if bad else losses, dtype=float)
    if len(finite) < window:
        return np.nan
    return rates[int(np.argmin(np.convolve(finite, np.ones(window) / window, "same")))] / 10
