# diagnosis: nothing_given_back
# seen: what shuffle returns is used
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    o = np.random.default_rng(seed).shuffle(np.arange(n_rows))
    return o[val_rows + test_rows :], o[:val_rows], o[val_rows : val_rows + test_rows]
