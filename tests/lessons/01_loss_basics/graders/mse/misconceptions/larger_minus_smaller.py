# diagnosis: wraps_around
# seen: the difference is right, its square has no room
import numpy as np


def mse(predictions, targets):
    p, t = predictions.ravel(), targets.ravel()
    return float(np.mean((np.maximum(p, t) - np.minimum(p, t)) ** 2))
