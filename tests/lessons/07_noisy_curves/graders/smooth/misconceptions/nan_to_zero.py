# diagnosis: non_finite_as_zero
import numpy as np


def smooth(values, beta):
    ema, shown = 0.0, []
    for n, value in enumerate(np.nan_to_num(np.asarray(values, float), posinf=0.0, neginf=0.0), start=1):
        ema = beta * ema + (1 - beta) * value
        shown.append(ema / (1 - beta**n))
    return shown
