import numpy as np


def mse(p, t):
    return float(np.mean((np.ravel(p) - np.ravel(t)) ** 2))


def baseline_losses(n_classes, targets):
    return {
        "cross_entropy": float(np.log(n_classes)),
        "mse": mse(np.full_like(targets, targets.mean(), dtype=float), targets),
    }
