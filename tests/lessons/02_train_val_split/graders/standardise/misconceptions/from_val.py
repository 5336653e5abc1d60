# diagnosis: statistics_from_val
import numpy as np


def standardise(train, val):
    mean, spread = val.mean(axis=0), val.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (val - mean) / spread
