# diagnosis: divided_by_n_minus_1
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(n_classes)), "mse": float(np.var(targets, ddof=1))}
