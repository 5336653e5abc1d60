# diagnosis: divided_by_n_minus_1
import numpy as np


def mse(predictions, targets):
    errors = predictions.ravel() - targets.ravel()
    return float(np.sum(errors**2) / max(1, len(errors) - 1))
