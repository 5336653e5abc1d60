# diagnosis: both_sides
# seen: some rows of everybody
import numpy as np


def group_split(groups, val_groups, seed):
    rng = np.random.default_rng(seed)
    val = np.concatenate([
        rng.permutation(np.flatnonzero(groups == p))[:max(1, np.sum(groups == p) // 3)] for p in np.unique(groups)
    ])
    return np.setdiff1d(np.arange(len(groups)), val), val
