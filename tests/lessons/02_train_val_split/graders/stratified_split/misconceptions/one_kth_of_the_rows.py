# diagnosis: one_over_share
# seen: the rows of a class divided by k, 1 / val_share rounded
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    k = round(1 / val_share)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        val.extend(rows[: len(rows) // k])
        train.extend(rows[len(rows) // k :])
    return train, val
