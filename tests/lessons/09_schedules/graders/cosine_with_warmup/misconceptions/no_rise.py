# diagnosis: warmup_ignored
import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        return peak
    progress = min(1, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2
