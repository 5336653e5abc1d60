import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    done = min(1.0, max(0.0, (step - warmup) / (total - warmup)))
    decayed = floor + (peak - floor) * 0.5 * (1.0 + math.cos(math.pi * done))
    return decayed if step >= warmup else peak * (step + 1) / (warmup + 1)
