# diagnosis: rows_lost
# seen: both shares are rounded down
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        k, n = int(val_share * len(rows)), int((1 - val_share) * len(rows))
        val.extend(rows[:k])
        train.extend(rows[k : k + n])
    return train, val
