# diagnosis: mean_error
import numpy as np


def mse(predictions, targets):
    return float(np.mean(targets.ravel() - predictions.ravel()))
