# diagnosis: wraps_around
# seen: the mean of the squares minus the square of the mean, in uint8
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(n_classes)), "mse": float(np.mean(targets**2) - np.mean(targets) ** 2)}
