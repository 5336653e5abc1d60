# diagnosis: last_finite_rate
import math


def range_test(rates, losses, window):
    finite = []
    for loss in losses:
        if not math.isfinite(loss):
            break
        finite.append(float(loss))
    means = [sum(finite[k : k + window]) / window for k in range(len(finite) - window + 1)]
    if not means:
        return math.nan
    best = means.index(min(means))
    return rates[len(finite) - 1] / 10
