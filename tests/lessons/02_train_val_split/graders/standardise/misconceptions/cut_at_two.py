# diagnosis: values_cut_off
import numpy as np


def standardise(train, val):
    mean = train.mean(axis=0)
    spread = np.where(np.ptp(train, axis=0) == 0, 1, train.std(axis=0))
    return np.clip((train - mean) / spread, -2, 2), np.clip((val - mean) / spread, -2, 2)
