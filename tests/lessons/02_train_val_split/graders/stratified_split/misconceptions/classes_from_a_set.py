# diagnosis: hash_order
# seen: for label in set(labels)
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    val = []
    for label in set(labels.tolist()):
        rows = rng.permutation(np.flatnonzero(labels == label))
        val.extend(rows[: round(val_share * len(rows))].tolist())
    return np.setdiff1d(np.arange(len(labels)), val), val
