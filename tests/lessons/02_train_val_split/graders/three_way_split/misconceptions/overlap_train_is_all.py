# diagnosis: overlap
# seen: a final model trained on everything
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed).permutation(n_rows)
    return order, order[:val_rows], order[val_rows:val_rows + test_rows]
