# diagnosis: constant_in_val
import numpy as np


def standardise(train, val):
    constant = (np.ptp(train, axis=0) == 0) | (np.ptp(val, axis=0) == 0)
    mean, spread = train.mean(axis=0), np.where(constant, 1, train.std(axis=0))
    return (train - mean) / spread, (val - mean) / spread
