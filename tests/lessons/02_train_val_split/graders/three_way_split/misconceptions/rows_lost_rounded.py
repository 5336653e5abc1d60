# diagnosis: rows_lost
# seen: a fixed training share
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed).permutation(n_rows)
    cut = int(n_rows * 0.5)
    return order[:cut - 1], order[cut:cut + val_rows], order[cut + val_rows:cut + val_rows + test_rows]
