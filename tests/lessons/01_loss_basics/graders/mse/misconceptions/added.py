# diagnosis: added
# seen: a plus where a minus belongs
import numpy as np


def mse(predictions, targets):
    p, t = np.ravel(predictions).astype(float), np.ravel(targets).astype(float)
    return float(np.mean((p + t) ** 2))
