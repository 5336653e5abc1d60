# diagnosis: divided_by_zero
# seen: + 1e-8 against a division by zero
import numpy as np


def standardise(train, val):
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-8
    return (train - mean) / spread, (val - mean) / spread
