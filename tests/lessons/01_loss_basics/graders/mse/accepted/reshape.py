import numpy as np


def mse(predictions, targets):
    predictions = np.asarray(predictions).reshape(-1)
    targets = np.asarray(targets).reshape(-1)
    return np.mean(np.square(np.subtract(predictions, targets, dtype=float)))
