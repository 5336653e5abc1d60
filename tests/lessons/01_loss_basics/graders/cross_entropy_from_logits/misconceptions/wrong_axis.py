# diagnosis: wrong_axis
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=0)
    log_p = z - np.log(np.exp(z).sum(axis=0))
    return float(-log_p[np.arange(len(targets)), targets].mean())
