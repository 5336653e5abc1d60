# diagnosis: variance_of_errors
import numpy as np


def mse(predictions, targets):
    return float(np.var(predictions.ravel() - targets.ravel()))
