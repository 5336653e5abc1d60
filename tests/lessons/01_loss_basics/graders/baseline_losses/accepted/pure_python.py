import math


def baseline_losses(n_classes, targets):
    mean = sum(targets.tolist()) / len(targets)
    return {
        "cross_entropy": -math.log(1 / n_classes),
        "mse": sum((t - mean) ** 2 for t in targets.tolist()) / len(targets),
    }
