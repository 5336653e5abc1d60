# diagnosis: not_seeded
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.permutation(np.unique(groups))[:val_groups]
    inside = np.isin(groups, people)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
