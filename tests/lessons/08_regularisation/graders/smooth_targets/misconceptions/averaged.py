# diagnosis: floor_averaged
import numpy as np


def smooth_targets(labels, n_classes, eps):
    targets = np.full((len(labels), n_classes), eps / n_classes)
    targets[np.arange(len(labels)), labels] += 1 - eps
    logs = np.log(np.where(targets > 0, targets, 1))
    return targets, -(targets * logs).mean()
