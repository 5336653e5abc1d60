# diagnosis: places_in_class
# seen: positions within the class; train is what they leave
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    val = []
    for label in np.unique(labels):
        count = (labels == label).sum()
        val.extend(rng.permutation(count)[: round(val_share * count)].tolist())
    return np.setdiff1d(np.arange(len(labels)), val), val
