import numpy as np


def baseline_losses(n_classes, targets):
    p = np.ones(n_classes) / n_classes
    always = np.full(np.shape(targets), np.mean(targets))
    return {"mse": np.mean((always - targets) ** 2), "cross_entropy": -np.log(p[0])}
