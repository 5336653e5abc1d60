# diagnosis: val_spread_lost
# seen: the spread taken from rows that are scaled already
import numpy as np


def spread_of(x):
    spread = x.std(axis=0)
    return np.where(spread == 0, 1, spread)


def standardise(train, val):
    mean = train.mean(axis=0)
    train = (train - mean) / spread_of(train)
    return train, (val - mean) / spread_of(train)
