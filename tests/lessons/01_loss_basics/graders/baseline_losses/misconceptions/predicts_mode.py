# diagnosis: predicts_mode
# seen: the most frequent target predicted
import math

import numpy as np


def baseline_losses(n_classes, targets):
    values, counts = np.unique(targets, return_counts=True)
    prediction = values[counts.argmax()]
    mse = float(np.mean((targets - prediction) ** 2))
    return {"cross_entropy": math.log(n_classes), "mse": mse}
