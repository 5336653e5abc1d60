# diagnosis: warmup_from_zero
# seen: the schedules of several libraries, whose first step then changes nothing
import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        return peak * step / warmup
    if step >= total:
        return floor
    progress = (step - warmup) / (total - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2
