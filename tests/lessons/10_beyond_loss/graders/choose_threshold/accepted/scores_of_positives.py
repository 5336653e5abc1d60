# A threshold that is no score of class 1 adds false alarms to the next one above it, and nothing else.
import math

import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    val, test = np.array([val_scores, val_y], float), np.array([test_scores, test_y], float)

    def cost(threshold, rows):
        scores, labels = rows
        return np.where(scores >= threshold, alarm_cost * (1 - labels), miss_cost * labels)

    candidates = np.sort(val[0][val[1] == 1])[::-1]
    best = math.inf
    for threshold in candidates:
        if cost(threshold, val).sum() < cost(best, val).sum():
            best = threshold
    return best, cost(best, test).mean()
