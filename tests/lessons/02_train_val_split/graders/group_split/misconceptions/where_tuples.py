# diagnosis: tuples_of_where
# seen: what np.where gives, as it is
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.random.default_rng(seed).permutation(np.unique(groups))
    inside = np.isin(groups, people[:val_groups])
    return np.where(~inside), np.where(inside)
