# diagnosis: non_finite_held
import math


def smooth(values, beta):
    ema, n, shown = 0.0, 0, []
    for value in values:
        if math.isfinite(value):
            n += 1
            ema = beta * ema + (1 - beta) * value
        shown.append(ema / (1 - beta**n) if n else value)
    return shown
