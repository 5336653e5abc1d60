import numpy as np


def mse(predictions, targets):
    errors = predictions.astype("f8").ravel() - targets.astype("f8").ravel()
    return np.array((errors**2).mean())
