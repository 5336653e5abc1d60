# diagnosis: empty_bin_divides
import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.asarray(probabilities, dtype=float)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == np.asarray(labels)
    place = np.ceil(confidence * bins)
    error = 0.0
    for k in range(1, bins + 1):
        here = place == k
        with np.errstate(invalid="ignore"):
            error += here.mean() * abs(right[here].sum() / here.sum() - confidence[here].sum() / here.sum())
    return float(error)
