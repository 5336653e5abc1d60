# diagnosis: not_centred
import numpy as np


def standardise(train, val):
    spread = train.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return train / spread, val / spread
