import numpy as np
from scipy import stats


def paired_comparison(a, b):
    d = np.subtract(b, a)
    if d.size == 1:
        return float(d[0]), np.nan, np.nan
    error = stats.sem(d)
    with np.errstate(divide="ignore"):
        seeds = np.ceil((2.8 * error) ** 2 * d.size / d.mean() ** 2)
    return float(d.mean()), float(error), float(max(2, seeds))
