# diagnosis: spread_from_val
# seen: the spread of the validation rows for both
import numpy as np


def spread_of(x):
    spread = x.std(axis=0)
    return np.where(spread == 0, 1, spread)


def standardise(train, val):
    mean, spread = train.mean(axis=0), spread_of(val)
    return (train - mean) / spread, (val - mean) / spread
