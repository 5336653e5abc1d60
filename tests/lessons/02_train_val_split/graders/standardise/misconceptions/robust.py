# diagnosis: quartiles
# seen: the robust scaler of a library, written out
import numpy as np


def standardise(train, val):
    m = np.median(train, axis=0)
    s = np.percentile(train, 75, axis=0) - np.percentile(train, 25, axis=0)
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
