# diagnosis: log_of_zero
import math


def cross_entropy_from_logits(logits, targets):
    losses = []
    for row, t in zip(logits, targets, strict=False):
        top = max(row)
        exps = [math.exp(z - top) for z in row]
        losses.append(-math.log(exps[t] / sum(exps)))
    return sum(losses) / len(losses)
