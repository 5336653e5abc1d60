import math
import statistics


def baseline_losses(n_classes, targets):
    return {"cross_entropy": math.log(n_classes), "mse": statistics.pvariance([float(t) for t in targets])}
