# diagnosis: wrong_share
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_val = round(val_share / (1 - val_share) * len(rows) * 1.5)
        val.extend(rows[:n_val])
        train.extend(rows[n_val:])
    return train, val
