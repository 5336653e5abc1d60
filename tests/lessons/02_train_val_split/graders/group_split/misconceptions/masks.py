# diagnosis: masks
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups]
    return ~np.isin(groups, people), np.isin(groups, people)
