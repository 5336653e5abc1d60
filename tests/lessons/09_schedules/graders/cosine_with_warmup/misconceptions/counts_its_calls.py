# diagnosis: remembers_earlier_call
# seen: schedules written as objects with a counter of their own
import math

calls = 0


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    global calls
    calls = calls + 1 if step else 0
    step = calls
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    progress = min(1, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2
