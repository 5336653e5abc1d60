import numpy as np


def stratified_split(labels, val_share, seed):
    chosen = np.zeros(len(labels), dtype=bool)
    for number, label in enumerate(np.unique(labels)):
        rows = np.flatnonzero(labels == label)
        count = round(val_share * len(rows))
        chosen[np.random.default_rng(1000 * seed + number).choice(rows, count, replace=False)] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
