# diagnosis: square_of_mean
import numpy as np


def mse(predictions, targets):
    return float(np.mean(predictions.ravel() - targets.ravel()) ** 2)
