# diagnosis: proportions
# seen: a random split, named stratified
import numpy as np


def stratified_split(labels, val_share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    n_val = round(val_share * len(labels))
    return order[n_val:], order[:n_val]
