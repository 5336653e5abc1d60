# diagnosis: broadcast
# seen: regression notebooks in which a network with one output meets targets of shape (n,)
import numpy as np


def mse(predictions, targets):
    return float(np.mean((predictions - targets) ** 2))
