# diagnosis: rows_for_classes
# seen: targets taken for classes
import math
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": math.log(len(np.unique(targets))), "mse": float(np.var(targets))}
