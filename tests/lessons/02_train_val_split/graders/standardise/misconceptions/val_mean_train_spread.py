# diagnosis: val_by_its_own_mean
# seen: the mean of the validation rows, the spread of the training rows
import numpy as np


def spread_of(x):
    spread = x.std(axis=0)
    return np.where(spread == 0, 1, spread)


def standardise(train, val):
    spread = spread_of(train)
    return (train - train.mean(axis=0)) / spread, (val - val.mean(axis=0)) / spread
