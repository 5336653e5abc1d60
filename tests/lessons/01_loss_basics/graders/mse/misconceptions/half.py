# diagnosis: half
import numpy as np


def mse(predictions, targets):
    return float(0.5 * np.mean((predictions.ravel() - targets.ravel()) ** 2))
