# diagnosis: probability_of_the_label
import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.asarray(probabilities, dtype=float)
    confidence, right = p[np.arange(len(p)), labels], p.argmax(axis=1) == np.asarray(labels)
    place = np.maximum(np.ceil(confidence * bins), 1)
    error = 0.0
    for k in range(1, bins + 1):
        here = place == k
        if here.any():
            error += here.mean() * abs(right[here].mean() - confidence[here].mean())
    return float(error)
