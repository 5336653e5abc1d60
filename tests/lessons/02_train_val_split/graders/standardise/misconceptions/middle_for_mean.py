# diagnosis: middle_for_mean
# seen: the middle of the range subtracted
import numpy as np


def standardise(train, val):
    m = (train.min(axis=0) + train.max(axis=0)) / 2
    s = train.std(axis=0)
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
