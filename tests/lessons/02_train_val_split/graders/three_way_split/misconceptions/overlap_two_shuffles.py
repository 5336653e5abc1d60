# diagnosis: overlap
# seen: a new shuffle for each part
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    first = np.random.default_rng(seed).permutation(n_rows)
    second = np.random.default_rng(seed + 1).permutation(n_rows)
    cut = n_rows - val_rows - test_rows
    return first[:cut], second[cut:cut + val_rows], second[cut + val_rows:]
