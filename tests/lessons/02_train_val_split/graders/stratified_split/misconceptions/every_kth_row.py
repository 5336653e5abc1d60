# diagnosis: one_over_share
# seen: every k-th row of a class, k being 1 / val_share cut to a whole number
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    step = int(1 / val_share)
    val = []
    for label in np.unique(labels):
        val.extend(rng.permutation(np.flatnonzero(labels == label))[::step])
    return np.setdiff1d(np.arange(len(labels)), val), np.array(val)
