# diagnosis: correction_without_power
# seen: divides by 1 - beta, without the power
import numpy as np


def smooth(values, beta):
    average, n, shown = 0.0, 0, []
    for value in values:
        if np.isfinite(value):
            n += 1
            average = beta * average + (1 - beta) * value
            shown.append(average / (1 - beta))
        else:
            shown.append(value)
    return shown
