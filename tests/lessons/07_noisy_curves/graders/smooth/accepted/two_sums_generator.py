import math


def points(values, beta):
    top = bottom = 0.0
    for v in map(float, values):
        if math.isnan(v) or math.isinf(v):
            yield v
            continue
        top = v + beta * top
        bottom = 1 + beta * bottom
        yield top / bottom


def smooth(values, beta):
    return tuple(points(values, beta))
