# diagnosis: drawn_from_rows
# seen: people drawn from the rows
import numpy as np


def group_split(groups, val_groups, seed):
    drawn = np.random.default_rng(seed).choice(groups, val_groups, replace=False)
    inside = np.isin(groups, drawn)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
