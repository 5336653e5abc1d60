# diagnosis: exclusive_or
# seen: written as in a spreadsheet, with ^
import numpy as np


def mse(predictions, targets):
    return float(np.mean((predictions.ravel() - targets.ravel()) ^ 2))
