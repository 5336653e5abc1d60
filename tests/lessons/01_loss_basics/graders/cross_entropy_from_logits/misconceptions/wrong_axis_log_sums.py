# diagnosis: wrong_axis
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=0, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=0)).mean() - z[np.arange(len(targets)), targets]).mean())
