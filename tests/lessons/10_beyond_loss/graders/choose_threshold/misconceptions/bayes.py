# diagnosis: threshold_of_the_costs
# seen: decision theory for calibrated probabilities
import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def cost(threshold, scores, y):
        alarm, positive = np.asarray(scores) >= threshold, np.asarray(y) == 1
        return miss_cost * np.sum(positive & ~alarm) + alarm_cost * np.sum(alarm & ~positive)

    threshold = alarm_cost / (alarm_cost + miss_cost)
    return threshold, cost(threshold, test_scores, test_y) / len(test_y)
