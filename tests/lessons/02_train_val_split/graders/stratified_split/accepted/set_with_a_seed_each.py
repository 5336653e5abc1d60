import numpy as np


def stratified_split(labels, val_share, seed):
    val = []
    for label in set(labels.tolist()):
        rows = np.flatnonzero(labels == label)
        val.extend(np.random.default_rng(seed).permutation(rows)[: round(val_share * len(rows))].tolist())
    return np.setdiff1d(np.arange(len(labels)), val), sorted(val)
