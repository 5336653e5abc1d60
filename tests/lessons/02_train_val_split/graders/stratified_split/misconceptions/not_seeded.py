# diagnosis: not_seeded
import numpy as np


def stratified_split(labels, val_share, seed):
    val = np.concatenate([
        np.random.permutation(np.flatnonzero(labels == c))[:round(val_share * np.sum(labels == c))]
        for c in np.unique(labels)
    ])
    return np.setdiff1d(np.arange(len(labels)), val), val
