def choose_threshold(val_scores, val_y, test_scores, test_y, miss_cost, alarm_cost):
    def mean_cost(threshold, scores, y):
        total = 0
        for score, label in zip(scores, y):
            if label == 1 and score < threshold:
                total += miss_cost
            if label == 0 and score >= threshold:
                total += alarm_cost
        return total / len(y)

    best, lowest = float("inf"), mean_cost(float("inf"), val_scores, val_y)
    for threshold in sorted(val_scores)[::-1]:
        found = mean_cost(threshold, val_scores, val_y)
        if found < lowest:
            best, lowest = threshold, found
    return best, mean_cost(best, test_scores, test_y)
