# diagnosis: train_only
import numpy as np


def standardise(train, val):
    spread = np.where(train.std(axis=0) == 0, 1, train.std(axis=0))
    return (train - train.mean(axis=0)) / spread
