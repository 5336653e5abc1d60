# diagnosis: equal_numbers
# seen: a balanced validation set
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    n_val = max(1, int(val_share * len(labels)) // len(classes))
    val = np.concatenate([rng.choice(np.flatnonzero(labels == c), n_val, replace=False) for c in classes])
    return np.setdiff1d(np.arange(len(labels)), val), val
