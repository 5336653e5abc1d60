# diagnosis: each_row_alone
import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.asarray(probabilities)
    return float(np.mean(np.abs(p.max(axis=1) - (p.argmax(axis=1) == np.asarray(labels)))))
