# diagnosis: smoothed
# seen: an option of a library's loss, written out
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n, k = z.shape
    shares = np.full((n, k), 0.1 / k)
    shares[np.arange(n), targets] += 0.9
    return float(-(shares * log_p).sum(axis=1).mean())
