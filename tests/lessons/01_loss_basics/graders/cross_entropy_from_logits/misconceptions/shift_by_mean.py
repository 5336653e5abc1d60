# diagnosis: shift
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.mean(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(targets)), targets]))
