# diagnosis: drawn_twice
# seen: choice with its default, replace=True
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    val = np.concatenate([
        rng.choice(np.flatnonzero(labels == c), round(val_share * np.sum(labels == c))) for c in np.unique(labels)
    ])
    return np.setdiff1d(np.arange(len(labels)), val), val
