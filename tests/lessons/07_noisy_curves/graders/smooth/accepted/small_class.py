import math


class EMA:
    def __init__(self, beta):
        self.beta, self.value, self.factor = beta, 0.0, 1.0

    def __call__(self, x):
        if not math.isfinite(x):
            return x
        self.value += (1 - self.beta) * (x - self.value)
        self.factor *= self.beta
        return self.value / (1 - self.factor)


def smooth(values, beta):
    return [*map(EMA(beta), values)]
