# diagnosis: summed_over_rows
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(n_classes) * len(targets)), "mse": float(np.var(targets))}
