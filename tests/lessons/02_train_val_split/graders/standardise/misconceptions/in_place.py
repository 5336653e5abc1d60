# diagnosis: changed_inputs
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0] = 1
    train -= mean.astype(train.dtype)
    train[:] = train / spread
    val -= mean.astype(val.dtype)
    val[:] = val / spread
    return train, val
