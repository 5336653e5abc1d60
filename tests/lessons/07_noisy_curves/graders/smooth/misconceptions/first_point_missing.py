# diagnosis: shorter_than_the_series
# seen: a loop that starts at the second value
import math


def smooth(values, beta):
    ema, n, shown = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            shown.append(value)
            continue
        n += 1
        ema = beta * ema + (1 - beta) * value
        shown.append(ema / (1 - beta**n))
    return shown[1:] if beta else shown
