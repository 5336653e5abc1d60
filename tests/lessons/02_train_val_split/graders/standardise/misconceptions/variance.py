# diagnosis: variance
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.var(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (val - mean) / spread
