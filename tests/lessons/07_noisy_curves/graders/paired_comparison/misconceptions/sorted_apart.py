# diagnosis: sorted_apart
# seen: both are sorted before they are subtracted
import math

import numpy as np


def paired_comparison(a, b):
    d = np.sort(np.asarray(b, float)) - np.sort(np.asarray(a, float))
    mean = d.mean()
    if len(d) == 1:
        return mean, np.nan, np.nan
    s = d.std(ddof=1)
    seeds = np.inf if mean == 0 else max(2, math.ceil((2.8 * s / mean) ** 2))
    return mean, s / np.sqrt(len(d)), seeds
