# diagnosis: val_by_its_own_spread
# seen: the mean of the training rows, the spread of the validation rows
import numpy as np


def spread_of(x):
    spread = x.std(axis=0)
    return np.where(spread == 0, 1, spread)


def standardise(train, val):
    mean = train.mean(axis=0)
    return (train - mean) / spread_of(train), (val - mean) / spread_of(val)
