# diagnosis: divided_by_n_minus_1
# seen: pandas and torch divide by n - 1
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=1)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (val - mean) / spread
