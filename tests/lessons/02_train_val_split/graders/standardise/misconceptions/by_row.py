# diagnosis: by_row
import numpy as np


def standardise(train, val):
    def scale(rows):
        spread = rows.std(axis=1, keepdims=True)
        return (rows - rows.mean(axis=1, keepdims=True)) / np.where(spread == 0, 1, spread)

    return scale(train), scale(val)
