# diagnosis: not_divided


def mse(predictions, targets):
    total = 0.0
    for p, t in zip(predictions.ravel(), targets.ravel(), strict=False):
        total += (p - t) ** 2
    return total
