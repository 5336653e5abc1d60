# diagnosis: whole_wave
import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    progress = min(1, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(2 * math.pi * progress)) / 2
