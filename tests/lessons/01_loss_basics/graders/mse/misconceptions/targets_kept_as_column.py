# diagnosis: broadcast
# seen: only the predictions are flattened
import numpy as np


def mse(predictions, targets):
    return float(np.mean((np.ravel(predictions).astype(float) - targets) ** 2))
