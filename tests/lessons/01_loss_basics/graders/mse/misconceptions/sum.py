# diagnosis: not_divided
import numpy as np


def mse(predictions, targets):
    return float(np.sum((predictions.ravel() - targets.ravel()) ** 2))
