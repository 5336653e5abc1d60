# diagnosis: yes_or_no
# seen: the formula of the binary cross-entropy
import numpy as np


def baseline_losses(n_classes, targets):
    p = 1 / n_classes
    ce = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return {"cross_entropy": float(ce), "mse": float(np.var(targets))}
