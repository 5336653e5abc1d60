# diagnosis: sure_rows_lost
# seen: np.digitize with its defaults
import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.asarray(probabilities, dtype=float)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == np.asarray(labels)
    place = np.floor(confidence * bins) + 1
    error = 0.0
    for k in range(1, bins + 1):
        here = place == k
        if here.any():
            error += here.mean() * abs(right[here].mean() - confidence[here].mean())
    return float(error)
