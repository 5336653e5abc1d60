# diagnosis: f1_maximized
import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def cost(threshold, scores, y):
        alarm, positive = np.asarray(scores) >= threshold, np.asarray(y) == 1
        return miss_cost * np.sum(positive & ~alarm) + alarm_cost * np.sum(alarm & ~positive)

    def f1(t):
        alarm, positive = np.asarray(val_scores) >= t, np.asarray(val_y) == 1
        return 2 * np.sum(alarm & positive) / (np.sum(alarm) + np.sum(positive))

    threshold = max(sorted(set(val_scores), reverse=True), key=f1)
    return threshold, cost(threshold, test_scores, test_y) / len(test_y)
