# diagnosis: non_finite_dropped
import math


def smooth(values, beta):
    ema, shown = 0.0, []
    for n, value in enumerate([v for v in values if math.isfinite(v)], start=1):
        ema = beta * ema + (1 - beta) * value
        shown.append(ema / (1 - beta**n))
    return shown
