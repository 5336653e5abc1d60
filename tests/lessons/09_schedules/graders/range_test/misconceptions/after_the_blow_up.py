# diagnosis: goes_on_after_blow_up
import numpy as np


def range_test(rates, losses, window):
    if len(losses) < window or not np.isfinite(losses[:window]).all():
        return np.nan
    means = [np.mean(losses[k : k + window]) for k in range(len(losses) - window + 1)]
    means = [m if np.isfinite(m) else np.inf for m in means]
    return rates[int(np.argmin(means)) + window // 2] / 10
