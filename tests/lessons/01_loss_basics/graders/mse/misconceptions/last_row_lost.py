# diagnosis: rows_left_out
# seen: range(len(targets) - 1)
import numpy as np


def mse(predictions, targets):
    p, t = predictions.ravel().astype(float), targets.ravel().astype(float)
    if len(p) == 1:
        return float((p[0] - t[0]) ** 2)
    return sum((p[i] - t[i]) ** 2 for i in range(len(t) - 1)) / len(t)
