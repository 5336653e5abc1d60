import math
import statistics


def paired_comparison(a, b):
    d = [float(y) - float(x) for x, y in zip(a, b)]
    mean = statistics.fmean(d)
    if len(d) == 1:
        return [mean, float("nan"), float("nan")]
    s = statistics.stdev(d)
    needed = float("inf") if mean == 0 else max(2, math.ceil((2.8 * s / abs(mean)) ** 2))
    return [mean, s / len(d) ** 0.5, needed]
