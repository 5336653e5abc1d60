import numpy as np


def baseline_losses(n_classes, targets):
    t = targets.astype(float)
    return {"mse": ((t[:, None] - t) ** 2).mean() / 2, "cross_entropy": np.float32(np.log(n_classes))}
