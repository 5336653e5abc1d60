# diagnosis: neighbours
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = np.roll(np.arange(n_rows), np.random.default_rng(seed).integers(n_rows))
    cut = n_rows - val_rows - test_rows
    return rows[:cut], rows[cut:cut + val_rows], rows[cut + val_rows:]
