# diagnosis: raised_UFuncTypeError
# seen: range(labels.max() + 1)
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    val = []
    for label in range(int(np.max(labels)) + 1):
        rows = rng.permutation(np.flatnonzero(labels == label))
        val.extend(rows[: round(val_share * len(rows))])
    return np.setdiff1d(np.arange(len(labels)), val), val
