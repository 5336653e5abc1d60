import numpy as np
import pandas as pd


def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    val = pd.DataFrame({"score": val_scores, "y": val_y})
    by_score = val.groupby("score").y.agg(["sum", "size"]).sort_index(ascending=False).cumsum()
    cost = alarm_cost * (by_score["size"] - by_score["sum"]) + miss_cost * (val.y.sum() - by_score["sum"])
    threshold = np.inf if miss_cost * val.y.sum() <= cost.min() else cost.idxmin()
    test = pd.DataFrame({"alarm": np.asarray(test_scores) >= threshold, "y": test_y})
    each = miss_cost * ((test.y == 1) & ~test.alarm) + alarm_cost * ((test.y == 0) & test.alarm)
    return threshold, each.mean()
