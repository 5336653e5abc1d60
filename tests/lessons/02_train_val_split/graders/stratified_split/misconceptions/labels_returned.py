# diagnosis: labels_for_rows
# seen: labels instead of row numbers
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    n_val = round(val_share * len(labels))
    return labels[order[n_val:]].astype(str), labels[order[:n_val]].astype(str)
