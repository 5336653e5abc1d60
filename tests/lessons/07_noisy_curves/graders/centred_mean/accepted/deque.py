import math


def windows(values, size):
    from collections import deque

    held = deque(maxlen=size)
    for step, value in enumerate(values, start=1):
        held.append(float(value))
        if len(held) == size:
            yield step - (size - 1) / 2, math.fsum(held) / size


def centred_mean(values, window):
    pairs = list(windows(values, window))
    return [s for s, _ in pairs], [m for _, m in pairs]
