# diagnosis: seed_ignored
# seen: seed 42 wherever it is copied
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(42).permutation(n_rows)
    cut = n_rows - val_rows - test_rows
    return order[:cut], order[cut:cut + val_rows], order[cut + val_rows:]
