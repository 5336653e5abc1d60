import numpy as np


def mse(predictions, targets):
    return np.linalg.norm(predictions.ravel() - targets.ravel()) ** 2 / predictions.size
