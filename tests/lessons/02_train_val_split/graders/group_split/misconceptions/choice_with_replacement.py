# diagnosis: drawn_from_rows
# seen: choice without replace=False
import numpy as np


def group_split(groups, val_groups, seed):
    drawn = np.random.default_rng(seed).choice(np.unique(groups), val_groups)
    inside = np.isin(groups, drawn)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
