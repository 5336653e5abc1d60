# diagnosis: targets_sum_below_one
import numpy as np


def smooth_targets(labels, n_classes, eps):
    labels = np.asarray(labels)
    targets = np.where(np.eye(n_classes)[labels] > 0, 1 - eps, eps / n_classes)
    shares = (1 - eps) * np.eye(n_classes)[labels] + eps / n_classes
    used = shares[0][shares[0] > 0]
    floor = -(used * np.log(used)).sum()
    return targets, floor
