import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    np.random.seed(seed)
    keys = np.argsort(np.random.rand(n_rows))
    return tuple(keys[a:b] for a, b in ((val_rows + test_rows, None), (test_rows, test_rows + val_rows), (0, test_rows)))
