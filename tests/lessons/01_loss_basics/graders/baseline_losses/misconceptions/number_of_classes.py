# diagnosis: classes
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(n_classes), "mse": float(np.var(targets))}
