# diagnosis: rises_past_the_end
# seen: torch's CosineAnnealingLR, stepped past T_max
import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    progress = (step - warmup) / (total - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2
