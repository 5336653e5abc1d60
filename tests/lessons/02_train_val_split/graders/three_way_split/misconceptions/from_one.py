# diagnosis: counted_from_one
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed).permutation(np.arange(1, n_rows + 1))
    cut = n_rows - val_rows - test_rows
    return order[:cut], order[cut:cut + val_rows], order[cut + val_rows:]
