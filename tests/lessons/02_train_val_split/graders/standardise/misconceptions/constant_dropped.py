# diagnosis: columns_dropped
# seen: a column that says nothing is removed
import numpy as np


def standardise(train, val):
    varies = np.ptp(train, axis=0) > 0
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return ((train - mean) / np.where(varies, spread, 1))[:, varies], ((val - mean) / np.where(varies, spread, 1))[:, varies]
