# diagnosis: broadcast_sum
import numpy as np


def mse(predictions, targets):
    return float(np.sum((predictions - targets) ** 2) / len(targets))
