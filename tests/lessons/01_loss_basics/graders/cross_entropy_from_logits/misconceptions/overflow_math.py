# diagnosis: overflow
import math


def cross_entropy_from_logits(logits, targets):
    losses = []
    for row, t in zip(logits, targets, strict=False):
        losses.append(math.log(sum(math.exp(z) for z in row)) - row[t])
    return sum(losses) / len(losses)
