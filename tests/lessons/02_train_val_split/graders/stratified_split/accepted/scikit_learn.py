import numpy as np
from sklearn.model_selection import train_test_split


def stratified_split(labels, val_share, seed):
    return train_test_split(np.arange(len(labels)), test_size=val_share, stratify=labels, random_state=seed)
