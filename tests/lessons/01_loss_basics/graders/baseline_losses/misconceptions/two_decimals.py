# diagnosis: rounded
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": round(float(np.log(n_classes)), 2), "mse": round(float(np.var(targets)), 2)}
