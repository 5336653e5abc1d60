# diagnosis: keys_swapped
import numpy as np


def baseline_losses(n_classes, targets):
    return {"mse": float(np.log(n_classes)), "cross_entropy": float(np.var(targets))}
