# diagnosis: spread_not_divided
import numpy as np


def standardise(train, val):
    return train - train.mean(axis=0), val - train.mean(axis=0)
