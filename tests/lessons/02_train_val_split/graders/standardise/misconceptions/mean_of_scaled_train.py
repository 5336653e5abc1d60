# diagnosis: val_mean_lost
# seen: the mean taken from rows that are scaled already
import numpy as np


def spread_of(x):
    spread = x.std(axis=0)
    return np.where(spread == 0, 1, spread)


def standardise(train, val):
    spread = spread_of(train)
    train = (train - train.mean(axis=0)) / spread
    return train, (val - train.mean(axis=0)) / spread
