# diagnosis: clipped
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    return float(-np.log(p[np.arange(len(targets)), targets] + 1e-9).mean())
