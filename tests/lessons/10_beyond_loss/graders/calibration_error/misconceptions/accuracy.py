# diagnosis: accuracy
import numpy as np


def calibration_error(probabilities, labels, bins):
    return float(np.mean(np.argmax(probabilities, axis=1) == np.asarray(labels)))
