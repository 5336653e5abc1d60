import math


def smooth_targets(labels, n_classes, eps):
    rest = eps / n_classes
    targets = []
    for label in labels:
        row = [rest] * n_classes
        row[label] = 1 - eps + rest
        targets.append(row)
    top = 1 - eps + rest
    floor = -top * math.log(top)
    if rest > 0:
        floor -= (n_classes - 1) * rest * math.log(rest)
    return targets, floor
