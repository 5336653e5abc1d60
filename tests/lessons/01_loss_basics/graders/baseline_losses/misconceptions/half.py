# diagnosis: half
import math
import numpy as np


def baseline_losses(n_classes, targets):
    return {"cross_entropy": math.log(n_classes), "mse": float(np.var(targets)) / 2}
