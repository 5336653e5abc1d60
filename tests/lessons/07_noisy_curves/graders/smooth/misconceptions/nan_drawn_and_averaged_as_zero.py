# diagnosis: non_finite_as_zero
# seen: a NaN is averaged as 0
import numpy as np


def smooth(values, beta):
    average, n, shown = 0.0, 0, []
    for value in values:
        n += 1
        average = beta * average + (1 - beta) * (value if np.isfinite(value) else 0.0)
        shown.append(average / (1 - beta**n) if np.isfinite(value) else value)
    return shown
