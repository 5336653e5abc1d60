# diagnosis: spread_around_zero
# seen: the squares of the numbers, not of the differences
import numpy as np


def standardise(train, val):
    m = train.mean(axis=0)
    s = np.sqrt((train**2).mean(axis=0))
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
