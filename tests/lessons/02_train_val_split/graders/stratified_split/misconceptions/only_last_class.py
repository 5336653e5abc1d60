# diagnosis: classes_left_out
# seen: the list of a class overwrites that of the one before
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        val = rows[:round(val_share * len(rows))]
    return np.setdiff1d(np.arange(len(labels)), val), val
