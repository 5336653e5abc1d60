# diagnosis: squares_subtracted
# seen: the variance as mean of squares minus square of mean, in single precision
import numpy as np


def baseline_losses(n_classes, targets):
    t = targets.astype(np.float32)
    mean_square, mean = (t**2).mean(), t.mean()
    return {"cross_entropy": float(np.log(n_classes)), "mse": float(mean_square - mean**2)}
