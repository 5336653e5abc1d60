# diagnosis: proportions
# seen: a coin flip for each row
import numpy as np


def stratified_split(labels, val_share, seed):
    chosen = np.random.default_rng(seed).random(len(labels)) < val_share
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
