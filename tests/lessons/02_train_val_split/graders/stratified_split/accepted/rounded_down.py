import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    val = np.concatenate([
        order[labels[order] == label][:int(val_share * np.sum(labels == label) + 1e-9)] for label in set(labels.tolist())
    ])
    return np.setdiff1d(order, val), val
