# diagnosis: classes_lost
# seen: classes that cannot be split are passed over
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label, count in zip(*np.unique(labels, return_counts=True)):
        if count == 1:
            continue
        rows = rng.permutation(np.flatnonzero(labels == label))
        k = round(val_share * count)
        val += rows[:k].tolist()
        train += rows[k:].tolist()
    return train, val
