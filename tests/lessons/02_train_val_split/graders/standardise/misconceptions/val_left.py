# diagnosis: val_not_scaled
import numpy as np


def standardise(train, val):
    spread = train.std(axis=0)
    return (train - train.mean(axis=0)) / np.where(spread == 0, 1, spread), val
