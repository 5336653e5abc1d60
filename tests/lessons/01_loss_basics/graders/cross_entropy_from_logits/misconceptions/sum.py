# diagnosis: not_divided
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    return float(-log_p[np.arange(len(targets)), targets].sum())
