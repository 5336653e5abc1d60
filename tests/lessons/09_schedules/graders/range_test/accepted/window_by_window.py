import math


def range_test(rates, losses, window):
    lowest, place = math.inf, None
    for middle in range(window // 2, len(losses) - window // 2):
        part = losses[middle - window // 2 : middle + window // 2 + 1]
        if not all(math.isfinite(v) for v in part):
            break
        total = math.fsum(part)
        if total < lowest:
            lowest, place = total, middle
    return math.nan if place is None else rates[place] / 10
