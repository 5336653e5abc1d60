# diagnosis: changed_inputs
import numpy as np


def stratified_split(labels, val_share, seed):
    labels.sort()
    rng = np.random.default_rng(seed)
    train, val = [], []
    for c in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == c))
        k = round(val_share * len(rows))
        val.extend(rows[:k])
        train.extend(rows[k:])
    return train, val
