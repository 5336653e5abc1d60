# diagnosis: divided_by_n_plus_1
# seen: an off-by-one in the number of rows
import numpy as np


def mse(predictions, targets):
    p, t = np.ravel(predictions).astype(float), np.ravel(targets).astype(float)
    return float(np.sum((p - t) ** 2) / (len(t) + 1))
