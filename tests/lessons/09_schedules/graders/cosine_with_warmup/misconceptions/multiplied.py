# diagnosis: decays_during_warmup
import math


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    rise = min(1, (step + 1) / (warmup + 1))
    decay = floor + (peak - floor) * (1 + math.cos(math.pi * min(1, step / total))) / 2
    return rise * decay
