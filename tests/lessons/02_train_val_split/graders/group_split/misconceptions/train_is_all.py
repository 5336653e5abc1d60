# diagnosis: overlap
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups]
    return np.arange(len(groups)), np.flatnonzero(np.isin(groups, people))
