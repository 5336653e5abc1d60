import numpy as np


def group_split(groups, val_groups, seed):
    people, number = np.unique(groups, return_inverse=True)
    rank = np.random.default_rng(seed).permutation(len(people))[number]
    return np.where(rank >= val_groups)[0], np.where(rank < val_groups)[0]
