import math

import numpy as np


def paired_comparison(a, b):
    n = len(a)
    difference = float(np.mean(b) - np.mean(a))
    if abs(difference) < 1e-12:
        difference = 0.0
    if n == 1:
        return difference, np.nan, np.nan
    c = np.cov(a, b)
    variance = max(0.0, c[0, 0] + c[1, 1] - 2 * c[0, 1])
    if difference == 0:
        return difference, math.sqrt(variance / n), np.inf
    return difference, math.sqrt(variance / n), max(2, math.ceil(2.8**2 * variance / difference**2))
