# diagnosis: returned_none
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = np.arange(n_rows)
    rows = np.random.default_rng(seed).shuffle(rows)
    return rows
