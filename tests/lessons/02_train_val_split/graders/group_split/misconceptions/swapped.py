# diagnosis: parts_swapped
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups]
    inside = np.isin(groups, people)
    return np.flatnonzero(inside), np.flatnonzero(~inside)
