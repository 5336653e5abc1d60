# diagnosis: largest_or_median
import numpy as np


def mse(predictions, targets):
    errors = predictions.ravel().astype(float) - targets.ravel().astype(float)
    return float(np.median(errors**2))
