import math


def paired_comparison(a, b):
    n = len(a)
    d = [b[i] - a[i] for i in range(n)]
    m = sum(d) / n
    if n < 2:
        return m, math.nan, math.nan
    s = math.sqrt(sum((x - m) ** 2 for x in d) / (n - 1))
    if m == 0:
        return m, s / math.sqrt(n), math.inf
    seeds = 2
    while 2.8 * s / math.sqrt(seeds) > abs(m):
        seeds += 1
    return m, s / math.sqrt(n), seeds
