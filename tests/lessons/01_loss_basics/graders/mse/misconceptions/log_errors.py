# diagnosis: of_logarithms
# seen: the mean squared logarithmic error
import numpy as np


def mse(predictions, targets):
    p, t = np.ravel(predictions).astype(float), np.ravel(targets).astype(float)
    return float(np.mean((np.log1p(np.abs(p)) - np.log1p(np.abs(t))) ** 2))
