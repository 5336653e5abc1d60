import numpy as np


def mse(predictions, targets):
    difference = np.array(predictions, dtype=float).flatten() - np.array(targets, dtype=float).flatten()
    return difference @ difference / difference.size
