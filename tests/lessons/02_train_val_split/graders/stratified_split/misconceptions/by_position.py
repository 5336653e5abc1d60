# diagnosis: by_position
# seen: the last rows
import numpy as np


def stratified_split(labels, val_share, seed):
    n_val = round(val_share * len(labels))
    rows = np.arange(len(labels))
    return rows[:-n_val], rows[-n_val:]
