import math


def smooth(values, beta):
    average, count, shown = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            shown.append(value)
            continue
        count += 1
        average = beta * average + (1 - beta) * value
        shown.append(average / (1 - beta**count))
    return shown
