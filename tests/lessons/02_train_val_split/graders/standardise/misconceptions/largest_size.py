# diagnosis: divided_by_largest
import numpy as np


def standardise(train, val):
    largest = np.abs(train).max(axis=0)
    return train / np.where(largest == 0, 1, largest), val / np.where(largest == 0, 1, largest)
