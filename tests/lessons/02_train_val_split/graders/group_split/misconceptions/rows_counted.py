# diagnosis: rows_counted
# seen: val_groups taken for a number of rows
import numpy as np


def group_split(groups, val_groups, seed):
    order = np.random.default_rng(seed).permutation(len(groups))
    return order[val_groups:], order[:val_groups]
