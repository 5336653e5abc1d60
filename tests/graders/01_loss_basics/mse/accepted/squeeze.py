import numpy as np


def mse(predictions, targets):
    return np.mean((np.squeeze(predictions) - np.squeeze(targets)) ** 2).item()
