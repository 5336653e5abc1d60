# diagnosis: rows_lost
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_val = round(val_share * len(rows))
        val.extend(rows[:n_val])
        train.extend(rows[n_val + 1:])
    return train, val
