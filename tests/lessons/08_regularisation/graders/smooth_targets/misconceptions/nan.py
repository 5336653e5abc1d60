# diagnosis: nan_without_smoothing
import numpy as np


def smooth_targets(labels, n_classes, eps):
    labels = np.asarray(labels)
    targets = (1 - eps) * np.eye(n_classes)[labels] + eps / n_classes
    shares = (1 - eps) * np.eye(n_classes)[labels] + eps / n_classes
    used = shares[0][shares[0] > 0]
    floor = -(shares[0] * np.log(shares[0])).sum()
    return targets, floor
