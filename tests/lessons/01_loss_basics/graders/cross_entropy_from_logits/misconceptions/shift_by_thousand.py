# diagnosis: underflow
# seen: 1000 subtracted from every logit
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits.astype(float)
    z = z - 1000
    sums = np.log(np.exp(z).sum(axis=1))
    losses = sums - z[np.arange(len(z)), targets]
    return float(losses.mean())
