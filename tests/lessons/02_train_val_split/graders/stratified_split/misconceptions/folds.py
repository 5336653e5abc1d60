# diagnosis: one_over_share
# seen: the first of int(1 / val_share) folds
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        first, *others = np.array_split(rows, int(1 / val_share))
        val.extend(first)
        train.extend(np.concatenate(others))
    return train, val
