# diagnosis: non_finite_counted
import math


def smooth(values, beta):
    ema, shown = 0.0, []
    for n, value in enumerate(values, start=1):
        if math.isfinite(value):
            ema = beta * ema + (1 - beta) * value
            shown.append(ema / (1 - beta**n))
        else:
            shown.append(value)
    return shown
