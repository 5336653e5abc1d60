import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(np.ptp(train, axis=0) > 0, spread, 1.0)
    return (train - mean) / spread, (val - mean) / spread
