# diagnosis: parts_swapped
# seen: train, test, val
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed).permutation(n_rows)
    cut = n_rows - val_rows - test_rows
    return order[:cut], order[cut + val_rows:], order[cut:cut + val_rows]
