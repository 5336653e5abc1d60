# diagnosis: changed_inputs
import numpy as np


def mse(predictions, targets):
    predictions = predictions.reshape(-1)
    predictions -= targets.reshape(-1)
    return float(np.mean(predictions**2))
