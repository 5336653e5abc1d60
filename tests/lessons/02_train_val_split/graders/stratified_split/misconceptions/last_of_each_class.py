# diagnosis: ends_of_classes
# seen: the last rows of each class
import numpy as np


def stratified_split(labels, val_share, seed):
    train, val = [], []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        n_train = len(rows) - round(val_share * len(rows))
        train.extend(rows[:n_train])
        val.extend(rows[n_train:])
    return train, val
