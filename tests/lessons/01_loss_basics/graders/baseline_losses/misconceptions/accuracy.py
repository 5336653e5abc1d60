# diagnosis: chance_accuracy
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": 1 / n_classes, "mse": float(np.var(targets))}
