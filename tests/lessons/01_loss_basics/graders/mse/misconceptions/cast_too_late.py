# diagnosis: wraps_around
# seen: the difference has wrapped before it becomes a float
import numpy as np


def mse(predictions, targets):
    errors = np.ravel(predictions) - np.ravel(targets)
    return float(np.mean(errors.astype(float) ** 2))
