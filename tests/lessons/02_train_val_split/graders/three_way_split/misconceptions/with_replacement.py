# diagnosis: drawn_twice
# seen: integers instead of a permutation
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, n_rows, n_rows)
    cut = n_rows - val_rows - test_rows
    return rows[:cut], rows[cut:cut + val_rows], rows[cut + val_rows:]
