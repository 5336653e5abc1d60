# diagnosis: mean_from_all_rows
import numpy as np


def standardise(train, val):
    mean = np.concatenate([train, val]).mean(axis=0)
    spread = np.where(train.std(axis=0) == 0, 1, train.std(axis=0))
    return (train - mean) / spread, (val - mean) / spread
