# diagnosis: rows_left_out
# seen: = where += was meant
import numpy as np


def mse(predictions, targets):
    total = 0.0
    for p, t in zip(predictions.ravel().astype(float), targets.ravel().astype(float)):
        total = (p - t) ** 2
    return total / len(targets)
