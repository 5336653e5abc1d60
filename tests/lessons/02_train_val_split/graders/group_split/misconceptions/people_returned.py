# diagnosis: people_for_rows
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))
    return people[val_groups:], people[:val_groups]
