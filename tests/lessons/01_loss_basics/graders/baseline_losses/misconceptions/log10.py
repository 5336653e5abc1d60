# diagnosis: log10
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log10(n_classes)), "mse": float(np.var(targets))}
