import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.default_rng([seed, 17])
    rest = np.arange(n_rows)
    test = rng.choice(rest, test_rows, replace=False)
    rest = np.setdiff1d(rest, test)
    val = rng.choice(rest, val_rows, replace=False)
    return np.setdiff1d(rest, val), val, test
