# diagnosis: half_taken
import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def cost(threshold, scores, y):
        alarm, positive = np.asarray(scores) >= threshold, np.asarray(y) == 1
        return miss_cost * np.sum(positive & ~alarm) + alarm_cost * np.sum(alarm & ~positive)

    threshold = 0.5
    return threshold, cost(threshold, test_scores, test_y) / len(test_y)
