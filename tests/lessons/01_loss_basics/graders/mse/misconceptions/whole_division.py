# diagnosis: cut_to_whole_number
# seen: // taken for /
import numpy as np


def mse(predictions, targets):
    e = predictions.ravel() - targets.ravel()
    return float(np.sum(e**2)) // len(e)
