import numpy as np


def mse(predictions, targets):
    return np.mean((1.0 * np.squeeze(predictions) - 1.0 * np.squeeze(targets)) ** 2).item()
