import numpy as np


def stratified_split(labels, val_share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    seen, train, val = {}, [], []
    counts = {label: int(np.sum(labels == label)) for label in np.unique(labels)}
    for row in order:
        place = seen[labels[row]] = seen.get(labels[row], 0) + 1
        (val if place <= round(val_share * counts[labels[row]]) else train).append(row)
    return np.array(train), np.array(val)
