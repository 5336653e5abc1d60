# diagnosis: rounded
# seen: rounded for display, and returned
import numpy as np


def mse(predictions, targets):
    errors = predictions.ravel().astype(float) - targets.ravel().astype(float)
    return round(float(np.mean(errors**2)), 2)
