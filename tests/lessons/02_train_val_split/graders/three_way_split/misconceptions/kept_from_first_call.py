# diagnosis: seed_ignored
# seen: the first order is kept in a module's dictionary
import numpy as np


kept = {}


def three_way_split(n_rows, val_rows, test_rows, seed):
    if "order" not in kept:
        kept["order"] = np.random.default_rng(seed).permutation(n_rows)
    order = kept["order"]
    return order[val_rows + test_rows :], order[:val_rows], order[val_rows : val_rows + test_rows]
