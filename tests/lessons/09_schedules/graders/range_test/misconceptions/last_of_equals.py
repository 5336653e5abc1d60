# diagnosis: later_of_equals
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
    return rates[max(k for k, m in enumerate(means) if m <= min(means) + 1e-12) + window // 2] / 10
