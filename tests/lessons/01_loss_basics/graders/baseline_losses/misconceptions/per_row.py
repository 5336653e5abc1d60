# diagnosis: one_value_a_row
import math


def baseline_losses(n_classes, targets):
    return {"cross_entropy": math.log(n_classes), "mse": (targets - targets.mean()) ** 2}
