from collections import defaultdict

import numpy as np


def calibration_error(probabilities, labels, bins):
    members = defaultdict(list)
    for row, label in zip(np.asarray(probabilities), labels):
        guess = int(np.argmax(row))
        members[int(np.ceil(row[guess] * bins))].append((row[guess], guess == label))
    n, error = len(labels), 0
    for pairs in members.values():
        sure, right = np.mean(pairs, axis=0)
        error += len(pairs) / n * abs(sure - right)
    return error
