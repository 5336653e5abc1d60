# diagnosis: predicts_whole_number
# seen: np.full_like of whole numbers holds whole numbers
import math
import numpy as np


def baseline_losses(n_classes, targets):
    return {
        "cross_entropy": math.log(n_classes),
        "mse": float(np.mean((np.full_like(targets, targets.mean()) - targets) ** 2)),
    }
