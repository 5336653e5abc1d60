import math

import numpy as np


def paired_comparison(a, b):
    differences = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    difference = differences.mean()
    if len(differences) < 2:
        return difference, math.nan, math.nan
    spread = differences.std(ddof=1)
    seeds = math.inf if difference == 0 else max(2, math.ceil((2.8 * spread / difference) ** 2))
    return difference, spread / math.sqrt(len(differences)), seeds
