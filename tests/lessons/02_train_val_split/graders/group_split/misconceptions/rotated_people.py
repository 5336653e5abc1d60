# diagnosis: few_splits
# seen: the list of people rotated by the seed
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.roll(np.unique(groups), seed % len(np.unique(groups)))
    inside = np.isin(groups, people[:val_groups])
    return np.flatnonzero(~inside), np.flatnonzero(inside)
