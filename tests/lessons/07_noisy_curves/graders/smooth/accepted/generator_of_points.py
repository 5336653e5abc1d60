from math import isfinite


def smooth(values, beta):
    def points():
        ema, n = 0.0, 0
        for v in values:
            if isfinite(v):
                n += 1
                ema += (1 - beta) * (v - ema)
                yield ema / (1 - beta**n)
            else:
                yield v

    return list(points())
