# diagnosis: shares_of_classes
import math

import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def cost(threshold, scores, y):
        alarm, positive = np.asarray(scores) >= threshold, np.asarray(y) == 1
        return miss_cost * np.sum(positive & ~alarm) + alarm_cost * np.sum(alarm & ~positive)

    def share_cost(t):
        alarm, positive = np.asarray(val_scores) >= t, np.asarray(val_y) == 1
        return miss_cost * np.mean(~alarm[positive]) + alarm_cost * np.mean(alarm[~positive])

    candidates = [math.inf, *sorted(set(val_scores), reverse=True)]
    threshold = min(candidates, key=lambda t: share_cost(t))
    return threshold, cost(threshold, test_scores, test_y) / len(test_y)
