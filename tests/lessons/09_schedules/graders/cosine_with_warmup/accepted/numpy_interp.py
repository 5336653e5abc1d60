import numpy as np


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        return np.interp(step, [-1, warmup], [0.0, peak])
    angle = np.interp(step, [warmup, total], [0.0, np.pi])
    return floor + (peak - floor) * (1 + np.cos(angle)) / 2
