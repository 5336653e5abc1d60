# diagnosis: beta_swapped
# seen: mistaking beta for the weight of the new value
import math


def smooth(values, beta):
    ema, n, shown = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            shown.append(value)
            continue
        n += 1
        ema = (1 - beta) * ema + beta * value
        shown.append(ema / (1 - (1 - beta) ** n))
    return shown
