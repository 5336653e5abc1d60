# diagnosis: few_splits
# seen: a window of neighbours in the sorted people
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.unique(groups)
    start = np.random.default_rng(seed).integers(len(people) - val_groups + 1)
    inside = np.isin(groups, people[start : start + val_groups])
    return np.flatnonzero(~inside), np.flatnonzero(inside)
