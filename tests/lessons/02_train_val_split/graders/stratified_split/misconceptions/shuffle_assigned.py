# diagnosis: nothing_given_back
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for c in np.unique(labels):
        rows = rng.shuffle(np.flatnonzero(labels == c))
        k = round(val_share * len(rows))
        val.extend(rows[:k])
        train.extend(rows[k:])
    return train, val
