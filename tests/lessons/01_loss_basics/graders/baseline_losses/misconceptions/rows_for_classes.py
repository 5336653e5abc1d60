# diagnosis: rows_for_classes
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(len(targets))), "mse": float(np.var(targets))}
