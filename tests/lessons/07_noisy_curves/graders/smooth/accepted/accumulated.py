import copy

import numpy as np


def smooth(values, beta):
    from itertools import accumulate

    x = np.asarray(values, dtype="float64").copy()
    where = np.flatnonzero(np.isfinite(x))
    raw = list(accumulate(x[where], lambda m, v: beta * m + (1 - beta) * v, initial=0.0))[1:]
    x[where] = np.array(raw) / (1 - beta ** np.arange(1, len(where) + 1, dtype=float))
    return x
