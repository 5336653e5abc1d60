# diagnosis: statistics_from_all_rows
# seen: the scaler is fitted before the split
import numpy as np


def standardise(train, val):
    every = np.concatenate([train, val])
    mean, spread = every.mean(axis=0), every.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (val - mean) / spread
