# diagnosis: seed_ignored
import numpy as np


def stratified_split(labels, val_share, seed):
    order = np.argsort(labels, kind="stable")
    n_val = round(val_share * len(labels))
    return order[n_val:], order[:n_val]
