# diagnosis: labels_for_rows
# seen: the labels of the rows instead of their numbers
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_val = round(val_share * len(rows))
        val.extend(labels[rows[:n_val]])
        train.extend(labels[rows[n_val:]])
    return train, val
