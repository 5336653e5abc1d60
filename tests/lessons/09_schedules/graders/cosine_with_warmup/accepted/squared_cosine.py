from math import cos, pi


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    if step < warmup:
        return (step + 1) * (peak / (warmup + 1))
    share = cos(pi / 2 * (min(step, total) - warmup) / (total - warmup)) ** 2
    return share * peak + (1 - share) * floor
