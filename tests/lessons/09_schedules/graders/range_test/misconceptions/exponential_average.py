# diagnosis: lagging_average
# seen: fastai's and other finders
import math


def range_test(rates, losses, window):
    beta, average, lowest, place, n = (window - 1) / (window + 1), 0.0, math.inf, 0, 0
    for loss in losses:
        if not math.isfinite(loss):
            break
        n += 1
        average = beta * average + (1 - beta) * loss
        if average / (1 - beta**n) < lowest:
            lowest, place = average / (1 - beta**n), n - 1
    return rates[place] / 10 if n >= window else math.nan
