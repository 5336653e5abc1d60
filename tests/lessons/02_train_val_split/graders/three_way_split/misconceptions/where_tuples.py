# diagnosis: tuples_of_where
# seen: what np.where gives, as it is
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.default_rng(seed)
    part = rng.permutation(np.repeat([0, 1, 2], [n_rows - val_rows - test_rows, val_rows, test_rows]))
    return np.where(part == 0), np.where(part == 1), np.where(part == 2)
