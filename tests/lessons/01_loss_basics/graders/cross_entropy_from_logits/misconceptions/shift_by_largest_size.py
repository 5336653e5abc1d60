# diagnosis: underflow
# seen: the largest absolute value subtracted
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits.astype(float)
    z = z - np.abs(z).max(axis=1, keepdims=True)
    sums = np.log(np.exp(z).sum(axis=1))
    losses = sums - z[np.arange(len(z)), targets]
    return float(losses.mean())
