# diagnosis: masks
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        chosen[rng.choice(rows, round(val_share * len(rows)), replace=False)] = True
    return ~chosen, chosen
