# diagnosis: half_a_point_lost
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
    return rates[best + window // 2 + 1 if window > 1 else best] / 10
