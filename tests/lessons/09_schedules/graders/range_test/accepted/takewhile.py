from itertools import takewhile
from math import isfinite
from statistics import fmean


def range_test(rates, losses, window):
    counted = list(takewhile(isfinite, losses))
    starts = range(len(counted) - window + 1)
    best = min(starts, key=lambda k: round(fmean(counted[k : k + window]), 12), default=None)
    return float("nan") if best is None else rates[best : best + window][window // 2] / 10.0
