# diagnosis: by_position
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = np.sort(np.random.default_rng(seed).permutation(n_rows))
    cut = n_rows - val_rows - test_rows
    return rows[:cut], rows[cut:cut + val_rows], rows[cut + val_rows:]
