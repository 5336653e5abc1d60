# diagnosis: min_max
import numpy as np


def standardise(train, val):
    low, width = train.min(axis=0), train.max(axis=0) - train.min(axis=0)
    width = np.where(width == 0, 1, width)
    return (train - low) / width, (val - low) / width
