import numpy as np


def mse(predictions, targets):
    p, t = predictions.astype(float).ravel(), targets.astype(float).ravel()
    return (p @ p - 2 * p @ t + t @ t) / len(p)
