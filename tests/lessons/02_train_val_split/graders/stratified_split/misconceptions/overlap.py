# diagnosis: overlap
# seen: validation rows never taken out of the training rows
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    val = np.concatenate([
        rng.choice(np.flatnonzero(labels == c), round(val_share * np.sum(labels == c)), replace=False)
        for c in np.unique(labels)
    ])
    return np.arange(len(labels)), val
