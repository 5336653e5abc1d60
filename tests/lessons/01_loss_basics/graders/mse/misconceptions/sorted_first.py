# diagnosis: rows_not_matched
import numpy as np


def mse(predictions, targets):
    p, t = np.sort(predictions.ravel().astype(float)), np.sort(targets.ravel().astype(float))
    return float(np.mean((p - t) ** 2))
