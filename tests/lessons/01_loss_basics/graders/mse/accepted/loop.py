import numpy as np


def mse(predictions, targets):
    total = 0.0
    for i in range(len(targets)):
        total += (float(np.ravel(predictions)[i]) - float(np.ravel(targets)[i])) ** 2
    return total / len(targets)
