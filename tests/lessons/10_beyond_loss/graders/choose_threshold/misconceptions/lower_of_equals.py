# diagnosis: lower_of_equals
import math

import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def cost(threshold, scores, y):
        alarm, positive = np.asarray(scores) >= threshold, np.asarray(y) == 1
        return miss_cost * np.sum(positive & ~alarm) + alarm_cost * np.sum(alarm & ~positive)

    candidates = [*sorted(set(val_scores)), math.inf]
    threshold = min(candidates, key=lambda t: cost(t, val_scores, val_y))
    return threshold, cost(threshold, test_scores, test_y) / len(test_y)
