# diagnosis: chance_error_rate
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": 1 - 1 / n_classes, "mse": float(np.var(targets))}
