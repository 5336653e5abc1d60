import numpy as np


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    order = np.argsort(-np.asarray(val_scores, float), kind="stable")
    scores, y = np.asarray(val_scores, float)[order], np.asarray(val_y)[order]
    gain = np.cumsum(np.where(y == 1, -miss_cost, alarm_cost))
    last_of_its_kind = np.append(scores[1:] != scores[:-1], True)
    best, threshold = 0, np.inf
    for change, score, ends in zip(gain, scores, last_of_its_kind):
        if ends and change < best:
            best, threshold = change, score
    missed = sum(1 for s, t in zip(test_scores, test_y) if t and s < threshold)
    false = sum(1 for s, t in zip(test_scores, test_y) if not t and s >= threshold)
    return threshold, (missed * miss_cost + false * alarm_cost) / len(test_scores)
