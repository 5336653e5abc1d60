# diagnosis: missing_key
import numpy as np


def baseline_losses(n_classes, targets):
    return {"ce": float(np.log(n_classes)), "mse": float(np.var(targets))}
