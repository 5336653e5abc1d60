# diagnosis: both_sides
# seen: a random split of rows
import numpy as np


def group_split(groups, val_groups, seed):
    order = np.random.default_rng(seed).permutation(len(groups))
    n_val = round(len(groups) * val_groups / len(np.unique(groups)))
    return order[n_val:], order[:n_val]
