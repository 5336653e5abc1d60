# diagnosis: relative_errors
# seen: errors as shares of the targets
import numpy as np


def mse(predictions, targets):
    p, t = np.ravel(predictions).astype(float), np.ravel(targets).astype(float)
    return float(np.mean(((p - t) / t) ** 2))
