# diagnosis: rounding_spread
# seen: std == 0, where rounding leaves 1e-17
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (val - mean) / spread
