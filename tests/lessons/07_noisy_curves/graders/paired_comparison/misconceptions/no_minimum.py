# diagnosis: fewer_than_two_seeds
# seen: fewer than two seeds come out
import math

import numpy as np


def paired_comparison(a, b):
    d = np.asarray(b, float) - np.asarray(a, float)
    mean = d.mean()
    if len(d) == 1:
        return mean, np.nan, np.nan
    s = d.std(ddof=1)
    seeds = np.inf if mean == 0 else math.ceil((2.8 * s / mean) ** 2)
    return mean, s / np.sqrt(len(d)), seeds
