# diagnosis: median_for_mean
# seen: the median subtracted
import numpy as np


def standardise(train, val):
    m = np.median(train, axis=0)
    s = train.std(axis=0)
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
