# diagnosis: wrong_sizes
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    return np.array_split(np.random.default_rng(seed).permutation(n_rows), 3)
