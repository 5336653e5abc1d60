# diagnosis: largest_gap
# seen: maximum calibration error
import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.asarray(probabilities, dtype=float)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == np.asarray(labels)
    place = np.ceil(confidence * bins)
    gaps = []
    for k in range(1, bins + 1):
        here = place == k
        if here.any():
            gaps.append(abs(right[here].mean() - confidence[here].mean()))
    return max(gaps)
