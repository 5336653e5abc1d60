import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.RandomState(seed)
    rows = np.arange(n_rows)
    rng.shuffle(rows)
    return np.split(rows, [n_rows - val_rows - test_rows, n_rows - test_rows])
