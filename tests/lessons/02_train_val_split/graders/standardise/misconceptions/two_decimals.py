# diagnosis: rounded
import numpy as np


def standardise(train, val):
    mean = train.mean(axis=0)
    spread = np.where(np.ptp(train, axis=0) == 0, 1, train.std(axis=0))
    return ((train - mean) / spread).round(2), ((val - mean) / spread).round(2)
