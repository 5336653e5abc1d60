# diagnosis: both_sides
import numpy as np
from sklearn.model_selection import train_test_split


def group_split(groups, val_groups, seed):
    share = val_groups / len(np.unique(groups))
    return train_test_split(np.arange(len(groups)), test_size=share, random_state=seed)
