# diagnosis: classes_lost
# seen: `return` inside the loop
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        n_val = round(val_share * len(rows))
        return rows[n_val:], rows[:n_val]
