# diagnosis: cut_to_whole_number
# seen: the result written into an array made with zeros_like
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0] = 1
    new_train, new_val = np.zeros_like(train), np.zeros_like(val)
    new_train[:] = (train - mean) / spread
    new_val[:] = (val - mean) / spread
    return new_train, new_val
