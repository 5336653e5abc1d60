# diagnosis: wraps_around
# seen: pixels of type uint8, subtracted as they are
import numpy as np


def mse(predictions, targets):
    errors = predictions.ravel() - targets.ravel()
    return float((errors**2).mean())
