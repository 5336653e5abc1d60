# diagnosis: mean_of_two_means
import numpy as np


def standardise(train, val):
    mean = (train.mean(axis=0) + val.mean(axis=0)) / 2
    spread = np.where(np.ptp(train, axis=0) == 0, 1, train.std(axis=0))
    return (train - mean) / spread, (val - mean) / spread
