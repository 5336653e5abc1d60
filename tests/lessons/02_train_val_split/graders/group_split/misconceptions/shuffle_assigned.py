# diagnosis: nothing_given_back
import numpy as np


def group_split(groups, val_groups, seed):
    p = np.random.default_rng(seed).shuffle(np.unique(groups))
    m = np.isin(groups, p[:val_groups])
    return np.flatnonzero(~m), np.flatnonzero(m)
