# diagnosis: not_seeded
# seen: the global generator, never seeded
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.permutation(n_rows)
    cut = n_rows - val_rows - test_rows
    return order[:cut], order[cut:cut + val_rows], order[cut + val_rows:]
