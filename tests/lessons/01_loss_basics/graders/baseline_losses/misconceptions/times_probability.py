# diagnosis: divided_by_classes
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(-1 / n_classes * np.log(1 / n_classes)), "mse": float(np.var(targets))}
