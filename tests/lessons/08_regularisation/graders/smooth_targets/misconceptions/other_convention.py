# diagnosis: eps_over_wrong_classes
import numpy as np


def smooth_targets(labels, n_classes, eps):
    labels = np.asarray(labels)
    targets = (1 - eps) * np.eye(n_classes)[labels] + eps / n_classes
    shares = (1 - eps) * np.eye(n_classes)[labels] + eps / n_classes
    used = shares[0][shares[0] > 0]
    floor = -((1 - eps) * np.log(1 - eps) + (eps * np.log(eps / (n_classes - 1)) if eps else 0))
    return targets, floor
