# diagnosis: overlap
# seen: validation and test rows drawn independently of each other
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.default_rng(seed)
    val = rng.choice(n_rows, val_rows, replace=False)
    test = rng.choice(n_rows, test_rows, replace=False)
    train = np.setdiff1d(np.arange(n_rows), np.concatenate([val, test]))
    return train, val, test
