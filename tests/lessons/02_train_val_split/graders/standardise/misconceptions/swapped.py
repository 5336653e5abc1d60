# diagnosis: parts_swapped
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (val - mean) / spread, (train - mean) / spread
