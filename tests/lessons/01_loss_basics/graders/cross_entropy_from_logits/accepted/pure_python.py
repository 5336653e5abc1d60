import math


def cross_entropy_from_logits(logits, targets):
    total = 0.0
    for row, right in zip(logits.tolist(), targets.tolist(), strict=False):
        top = max(row)
        total += top + math.log(sum(math.exp(z - top) for z in row)) - row[right]
    return total / len(targets)
