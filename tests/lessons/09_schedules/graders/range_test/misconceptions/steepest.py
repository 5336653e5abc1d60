# diagnosis: steepest_fall
# seen: fastai's suggestion `steep`
import numpy as np


def range_test(rates, losses, window):
    bad = [k for k, loss in enumerate(losses) if not np.isfinite(loss)]
    finite = np.asarray(losses[: bad[0]] if bad else losses, dtype=float)
    if len(finite) < window:
        return np.nan
    means = np.convolve(finite, np.ones(window) / window, "valid")
    if len(means) < 3:
        return rates[window // 2] / 10
    return rates[int(np.argmin(np.gradient(means))) + window // 2]
