# diagnosis: mean_from_val
# seen: the mean of the validation rows for both
import numpy as np


def spread_of(x):
    spread = x.std(axis=0)
    return np.where(spread == 0, 1, spread)


def standardise(train, val):
    mean, spread = val.mean(axis=0), spread_of(train)
    return (train - mean) / spread, (val - mean) / spread
