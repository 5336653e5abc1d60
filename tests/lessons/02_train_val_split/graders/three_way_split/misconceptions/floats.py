# diagnosis: row_numbers_as_floats
# seen: appended to an empty array, which is one of floats
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.append([], np.random.default_rng(seed).permutation(n_rows))
    return order[val_rows + test_rows:], order[:val_rows], order[val_rows:val_rows + test_rows]
