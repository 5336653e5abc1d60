# diagnosis: one_class_more_or_less
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": float(np.log(n_classes - 1)), "mse": float(np.var(targets))}
