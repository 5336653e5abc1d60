# diagnosis: not_divided
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(n_classes)), "mse": float(np.sum((targets - np.mean(targets)) ** 2))}
