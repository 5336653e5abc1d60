# diagnosis: masks
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed).permutation(n_rows)
    return order >= val_rows + test_rows, order < val_rows, (order >= val_rows) & (order < val_rows + test_rows)
