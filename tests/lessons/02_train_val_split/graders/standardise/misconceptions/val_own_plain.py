# diagnosis: val_by_its_own
# seen: a single validation row, and a spread of 0
import numpy as np


def standardise(train, val):
    train = train.astype(float); val = val.astype(float)
    return (train - train.mean(0)) / train.std(0), (val - val.mean(0)) / val.std(0)
