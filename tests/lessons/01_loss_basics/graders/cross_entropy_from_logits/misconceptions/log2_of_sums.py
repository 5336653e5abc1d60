# diagnosis: log2
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    return float((np.log2(np.exp(z).sum(axis=1)) - z[np.arange(len(targets)), targets]).mean())
