# diagnosis: bins_from_the_lowest
import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.asarray(probabilities, dtype=float)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == np.asarray(labels)
    edges = np.linspace(1 / p.shape[1], 1, bins + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        here = (confidence > low) & (confidence <= high)
        if here.any():
            error += here.mean() * abs(right[here].mean() - confidence[here].mean())
    return float(error)
