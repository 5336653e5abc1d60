import numpy as np


def standardise(train, val):
    m = train.mean(axis=0)
    s = train.std(axis=0)
    s[np.isclose(s, 0)] = 1
    return [(train - m) / s, (val - m) / s]
