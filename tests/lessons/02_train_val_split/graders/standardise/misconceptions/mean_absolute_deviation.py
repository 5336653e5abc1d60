# diagnosis: mean_absolute_deviation
# seen: absolute differences averaged
import numpy as np


def standardise(train, val):
    m = train.mean(axis=0)
    s = np.mean(np.abs(train - m), axis=0)
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
