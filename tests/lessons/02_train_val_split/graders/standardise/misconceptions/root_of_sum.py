# diagnosis: root_of_sum
# seen: the division by n forgotten
import numpy as np


def standardise(train, val):
    m = train.mean(axis=0)
    s = np.sqrt(np.sum((train - m) ** 2, axis=0))
    s = np.where(s == 0, 1.0, s)
    return (train - m) / s, (val - m) / s
