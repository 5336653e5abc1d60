# diagnosis: constant_column_set_to_zero
# seen: what is no number turned into 0
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    with np.errstate(all="ignore"):
        return tuple(np.nan_to_num((part - mean) / spread, nan=0.0, posinf=0.0, neginf=0.0) for part in (train, val))
