# diagnosis: not_seeded
# seen: a seed "mixed" with hash(), which is another one in every process
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(abs(hash(str(seed))) % 2**32)
    val = []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        val.extend(rows[: round(val_share * len(rows))])
    return np.setdiff1d(np.arange(len(labels)), val), val
