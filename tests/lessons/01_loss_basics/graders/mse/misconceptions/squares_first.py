# diagnosis: squares_subtracted
import numpy as np


def mse(predictions, targets):
    p, t = predictions.ravel().astype(float), targets.ravel().astype(float)
    return float(np.mean(p**2 - t**2))
