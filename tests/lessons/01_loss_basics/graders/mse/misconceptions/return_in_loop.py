# diagnosis: first_row_only
# seen: a return indented too far


def mse(predictions, targets):
    total = 0
    for p, t in zip(predictions.ravel(), targets.ravel()):
        total += (p - t) ** 2
        return total / len(predictions)
