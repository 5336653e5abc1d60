import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.RandomState(seed).permutation(n_rows)
    yield order[val_rows + test_rows :]
    yield order[:val_rows]
    yield order[val_rows : val_rows + test_rows]
