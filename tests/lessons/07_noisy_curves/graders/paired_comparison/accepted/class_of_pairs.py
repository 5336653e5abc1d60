import math

import numpy as np


class Pairs:
    def __init__(self, a, b):
        self.d = np.array([q - p for p, q in zip(a, b)], dtype="float64")

    @property
    def s(self):
        return math.nan if len(self.d) < 2 else float(np.sqrt(np.var(self.d, ddof=1)))

    @property
    def seeds(self):
        if math.isnan(self.s):
            return math.nan
        mean = float(self.d.mean())
        return math.inf if not mean else max(2, int(np.ceil((2.8 * self.s / abs(mean)) ** 2)))


def paired_comparison(a, b):
    p = Pairs(a, b)
    return float(p.d.mean()), p.s / math.sqrt(len(p.d)), p.seeds
