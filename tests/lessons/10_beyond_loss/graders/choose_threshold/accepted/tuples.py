import math


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def costs(threshold, rows):
        return [miss_cost * (s < threshold) if label else alarm_cost * (s >= threshold) for s, label in rows]

    val, test = list(zip(val_scores, val_y)), list(zip(test_scores, test_y))
    _, negative = min((sum(costs(t, val)), -t) for t in [*val_scores, math.inf])
    found = costs(-negative, test)
    return -negative, sum(found) / len(found)
