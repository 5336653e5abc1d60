# diagnosis: never_drawn
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rng = np.random.default_rng(seed)
    even = rng.permutation(np.arange(0, n_rows, 2))
    rest = rng.permutation(np.concatenate([even[val_rows:], np.arange(1, n_rows, 2)]))
    return rest[test_rows:], even[:val_rows], rest[:test_rows]
