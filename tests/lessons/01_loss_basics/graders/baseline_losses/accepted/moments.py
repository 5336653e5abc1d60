import numpy as np


def baseline_losses(n_classes, targets):
    t = np.asarray(targets, dtype=float)
    return {"mse": (t**2).mean() - t.mean() ** 2, "cross_entropy": np.log(n_classes)}
