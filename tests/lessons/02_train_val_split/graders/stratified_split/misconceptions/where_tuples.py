# diagnosis: tuples_of_where
# seen: what np.where gives, as it is
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    inside = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = rng.permutation(np.where(labels == label)[0])
        inside[rows[: round(val_share * len(rows))]] = True
    return np.where(~inside), np.where(inside)
