from collections import namedtuple

Points = namedtuple("Points", "steps means")


def centred_mean(values, window):
    points = Points([], [])
    first = 0
    while first + window <= len(values):
        points.steps.append((first + 1 + first + window) / 2)
        points.means.append(sum(values[first : first + window]) / window)
        first += 1
    return points
