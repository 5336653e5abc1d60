# diagnosis: one_mean_for_all_columns
# seen: axis forgotten
import numpy as np


def standardise(train, val):
    return (train - train.mean()) / train.std(), (val - train.mean()) / train.std()
