import numpy as np


def smooth(values, beta):
    total = weight = 0.0
    shown = np.array(values, dtype=float)
    for place, value in enumerate(shown):
        if np.isfinite(value):
            total = beta * total + value
            weight = beta * weight + 1
            shown[place] = total / weight
    return shown
