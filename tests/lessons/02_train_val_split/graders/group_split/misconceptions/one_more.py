# diagnosis: number_of_people
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups + 1]
    inside = np.isin(groups, people)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
