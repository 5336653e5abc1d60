import numpy as np


def baseline_losses(n_classes, targets):
    p = np.full(n_classes, 1 / n_classes)
    return {"cross_entropy": float(-(p * np.log(p)).sum()), "mse": float(np.std(targets) ** 2)}
