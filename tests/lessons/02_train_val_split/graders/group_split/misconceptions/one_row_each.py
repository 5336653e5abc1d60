# diagnosis: first_row_of_each_person
# seen: only the first row of each person
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups]
    val = np.array([np.flatnonzero(groups == person)[0] for person in people])
    return np.setdiff1d(np.arange(len(groups)), val), val
