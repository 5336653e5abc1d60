# diagnosis: val_by_its_own
# seen: one function, applied to each part by itself
import numpy as np


def standardise(train, val):
    def scale(rows):
        spread = rows.std(axis=0)
        return (rows - rows.mean(axis=0)) / np.where(spread == 0, 1, spread)

    return scale(train), scale(val)
