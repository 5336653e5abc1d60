# diagnosis: not_rounded_up
import math

import numpy as np


def paired_comparison(a, b):
    d = np.asarray(b, float) - np.asarray(a, float)
    n = len(d)
    difference = d.mean()
    if n == 1:
        return difference, math.nan, math.nan
    spread = d.std(ddof=1)
    error = spread / math.sqrt(n)
    if difference == 0:
        return difference, error, math.inf
    return difference, error, (2.8 * spread / difference) ** 2
