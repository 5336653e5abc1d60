# diagnosis: entropy_of_targets
import numpy as np


def baseline_losses(n_classes, targets):
    _, counts = np.unique(targets, return_counts=True)
    p = counts / counts.sum()
    return {"cross_entropy": float(-(p * np.log(p)).sum()), "mse": float(np.var(targets))}
