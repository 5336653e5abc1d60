# diagnosis: not_seeded
# seen: `seed or None`: 0 counts as no seed
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = np.random.default_rng(seed or None).permutation(n_rows)
    return order[val_rows + test_rows :], order[:val_rows], order[val_rows : val_rows + test_rows]
