# diagnosis: spread_from_all_rows
import numpy as np


def standardise(train, val):
    every = np.concatenate([train, val])
    spread = np.where(every.std(axis=0) == 0, 1, every.std(axis=0))
    return (train - train.mean(axis=0)) / spread, (val - train.mean(axis=0)) / spread
