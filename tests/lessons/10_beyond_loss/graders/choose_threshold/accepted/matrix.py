import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    scores, y = np.array(val_scores, float), np.array(val_y)
    candidates = np.append(np.unique(scores), np.inf)[::-1]
    alarms = scores[None, :] >= candidates[:, None]
    costs = (alarms & (y == 0)).sum(1) * alarm_cost + (~alarms & (y == 1)).sum(1) * miss_cost
    threshold = candidates[np.argmin(costs)]
    alarms = np.array(test_scores) >= threshold
    return [threshold, np.where(np.array(test_y) == 1, miss_cost * ~alarms, alarm_cost * alarms).mean()]
