# diagnosis: partly_drawn
# seen: the test rows taken from the end, the rest shuffled
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed).permutation(n_rows - test_rows)
    return order[val_rows:], order[:val_rows], np.arange(n_rows - test_rows, n_rows)
