# diagnosis: times_classes
# seen: the cost of every class added up
import math

import numpy as np


def baseline_losses(n_classes, targets):
    prediction = targets.mean()
    mse = float(np.mean((targets - prediction) ** 2))
    return {"cross_entropy": -n_classes * math.log(1 / n_classes), "mse": mse}
