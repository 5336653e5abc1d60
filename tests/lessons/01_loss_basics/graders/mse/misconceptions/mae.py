# diagnosis: mae
import numpy as np


def mse(predictions, targets):
    return float(np.mean(np.abs(predictions.ravel() - targets.ravel())))
