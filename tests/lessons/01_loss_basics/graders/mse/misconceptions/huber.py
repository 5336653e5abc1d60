# diagnosis: huber
# seen: the loss of a regression that should bear outliers
import numpy as np


def mse(predictions, targets):
    p, t = np.ravel(predictions).astype(float), np.ravel(targets).astype(float)
    return float(np.mean(np.where(np.abs(p - t) <= 1, 0.5 * (p - t) ** 2, np.abs(p - t) - 0.5)))
