import numpy as np
from sklearn.model_selection import LeaveOneGroupOut


def group_split(groups, val_groups, seed):
    rows = np.arange(len(groups))
    one_person_each = [val for _, val in LeaveOneGroupOut().split(rows, groups=groups)]
    chosen = np.random.default_rng(seed).choice(len(one_person_each), val_groups, replace=False)
    val = np.concatenate([one_person_each[i] for i in chosen])
    return np.setdiff1d(rows, val), val
