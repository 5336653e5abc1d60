import numpy as np


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    rates = [peak * k / (warmup + 1) for k in range(1, warmup + 1)]
    angles = np.linspace(0, np.pi, total - warmup + 1)
    rates += list(peak - (peak - floor) * (1 - np.cos(angles)) / 2)
    return float(rates[step]) if step < len(rates) else floor
