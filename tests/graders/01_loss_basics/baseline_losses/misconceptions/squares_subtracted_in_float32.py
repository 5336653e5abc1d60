# diagnosis: squares_subtracted
# seen: the variance as mean of squares minus square of mean, in the single precision of the targets
import numpy as np


def baseline_losses(n_classes, targets):
    mean_square, mean = (targets**2).mean(), targets.mean()
    return {"cross_entropy": float(np.log(n_classes)), "mse": float(mean_square - mean**2)}
