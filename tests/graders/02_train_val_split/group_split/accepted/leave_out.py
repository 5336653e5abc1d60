import numpy as np
from sklearn.model_selection import LeavePGroupsOut


def group_split(groups, val_groups, seed):
    splits = list(LeavePGroupsOut(val_groups).split(groups, groups=groups))
    return splits[np.random.default_rng(seed).integers(len(splits))]
