# diagnosis: changed_inputs
# seen: the column shuffled instead of the people
import numpy as np


def group_split(groups, val_groups, seed):
    np.random.default_rng(seed).shuffle(groups)
    p = np.unique(groups)
    m = np.isin(groups, p[:val_groups])
    return np.flatnonzero(~m), np.flatnonzero(m)
