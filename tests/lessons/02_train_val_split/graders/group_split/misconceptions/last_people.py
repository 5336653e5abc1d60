# diagnosis: end_people
# seen: the people with the highest numbers
import numpy as np


def group_split(groups, val_groups, seed):
    inside = np.isin(groups, np.unique(groups)[-val_groups:])
    return np.flatnonzero(~inside), np.flatnonzero(inside)
