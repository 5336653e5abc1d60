# diagnosis: rmse
import numpy as np


def mse(predictions, targets):
    return float(np.sqrt(np.mean((predictions.ravel() - targets.ravel()) ** 2)))
