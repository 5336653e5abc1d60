import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.where(labels == label)[0])
        n_val = int(round(val_share * len(rows)))
        val.extend(rows[:n_val])
        train.extend(rows[n_val:])
    return train, val
