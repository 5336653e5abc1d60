# diagnosis: val_empty
# seen: row numbers drawn, and looked for among the people
import numpy as np


def group_split(groups, val_groups, seed):
    drawn = np.random.default_rng(seed).permutation(len(groups))[:val_groups]
    inside = np.isin(groups, drawn)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
