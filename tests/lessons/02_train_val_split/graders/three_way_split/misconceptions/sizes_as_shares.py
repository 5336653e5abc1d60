# diagnosis: part_empty
# seen: the sizes taken for shares
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(n_rows)
    n_val, n_test = int(val_rows * n_rows), int(test_rows * n_rows)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]
