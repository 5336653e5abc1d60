import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.array(probabilities, float)
    confidence = np.max(p, axis=1)
    difference = confidence - (np.argmax(p, axis=1) == np.array(labels))
    place = np.digitize(confidence, np.arange(1, bins) / bins, right=True)
    return np.abs(np.bincount(place, weights=difference)).sum() / len(difference)
