# diagnosis: threshold_between_scores
import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def cost(threshold, scores, y):
        alarm, positive = np.asarray(scores) >= threshold, np.asarray(y) == 1
        return miss_cost * np.sum(positive & ~alarm) + alarm_cost * np.sum(alarm & ~positive)

    candidates = np.linspace(max(val_scores) + 0.0137, min(val_scores), 1000)
    threshold = min(candidates, key=lambda t: cost(t, val_scores, val_y))
    return threshold, cost(threshold, test_scores, test_y) / len(test_y)
