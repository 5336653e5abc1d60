import math


def smooth(values, beta):
    shown = []
    for place, value in enumerate(values):
        if math.isfinite(value):
            finite = [v for v in values[: place + 1] if math.isfinite(v)]
            weights = [beta ** (len(finite) - 1 - k) for k in range(len(finite))]
            value = sum(w * v for w, v in zip(weights, finite)) / sum(weights)
        shown.append(value)
    return tuple(shown)
