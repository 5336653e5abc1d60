# diagnosis: other_power
# seen: a cube for a square
import numpy as np


def mse(predictions, targets):
    p, t = np.ravel(predictions).astype(float), np.ravel(targets).astype(float)
    return float(np.mean(np.abs(p - t) ** 3))
