# diagnosis: always_first_class
# seen: the first column for every row
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits.astype(float)
    z = z - z.max(axis=1, keepdims=True)
    sums = np.log(np.exp(z).sum(axis=1))
    losses = sums - z[:, 0]
    return float(losses.mean())
