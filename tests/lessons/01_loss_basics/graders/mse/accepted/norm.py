import numpy as np


def mse(predictions, targets):
    return np.linalg.norm(predictions.ravel().astype(np.float64) - targets.ravel()) ** 2 / predictions.size
