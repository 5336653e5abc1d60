# diagnosis: places_in_class
# seen: positions within the class
import numpy as np


def stratified_split(labels, val_share, seed):
    rng = np.random.default_rng(seed)
    train, val = [], []
    for label in np.unique(labels):
        places = rng.permutation(int(np.sum(labels == label)))
        n_val = round(val_share * len(places))
        val.extend(places[:n_val])
        train.extend(places[n_val:])
    return train, val
