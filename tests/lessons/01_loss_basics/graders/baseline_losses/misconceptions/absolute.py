# diagnosis: mae
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(n_classes)), "mse": float(np.mean(np.abs(targets - np.mean(targets))))}
