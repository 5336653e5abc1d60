# diagnosis: non_finite_begins_again
import math


def smooth(values, beta):
    ema, n, shown = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            ema, n = 0.0, 0
            shown.append(value)
            continue
        n += 1
        ema = beta * ema + (1 - beta) * value
        shown.append(ema / (1 - beta**n))
    return shown
