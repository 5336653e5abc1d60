# diagnosis: first_row_for_mean
# seen: the first row subtracted, as a starting point
import numpy as np


def standardise(train, val):
    m = train[0]
    s = train.std(axis=0)
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
