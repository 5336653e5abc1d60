# diagnosis: returned_none
import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        rate = peak * (step + 1) / (warmup + 1)
    else:
        progress = min(1, (step - warmup) / (total - warmup))
        rate = floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2
    print(rate)
