# diagnosis: constant_column_left
import numpy as np


def standardise(train, val):
    varies = np.ptp(train, axis=0) > 0
    mean, spread = np.where(varies, train.mean(axis=0), 0), np.where(varies, train.std(axis=0), 1)
    return (train - mean) / spread, (val - mean) / spread
