# diagnosis: predicts_middle
# seen: the middle of the range predicted
import math

import numpy as np


def baseline_losses(n_classes, targets):
    prediction = (targets.min() + targets.max()) / 2
    mse = float(np.mean((targets - prediction) ** 2))
    return {"cross_entropy": math.log(n_classes), "mse": mse}
