# diagnosis: ends_of_classes
# seen: nothing shuffled within a class
import numpy as np


def stratified_split(labels, val_share, seed):
    train, val = [], []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        n_val = round(val_share * len(rows))
        val.extend(rows[:n_val])
        train.extend(rows[n_val:])
    return train, val
