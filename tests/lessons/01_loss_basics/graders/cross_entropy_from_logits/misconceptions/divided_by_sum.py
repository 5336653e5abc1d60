# diagnosis: probabilities_expected
import numpy as np


def cross_entropy_from_logits(logits, targets):
    p = logits / logits.sum(axis=1, keepdims=True)
    return float(-np.log(p[np.arange(len(targets)), targets]).mean())
