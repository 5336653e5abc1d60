import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    def rise():
        return peak * (step + 1) / (warmup + 1)

    def fall():
        left = total - step
        return floor + (peak - floor) * (1 - math.cos(math.pi * left / (total - warmup))) / 2

    if step < warmup:
        return rise()
    return fall() if step < total else floor
