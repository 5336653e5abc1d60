# diagnosis: sigmoid
import numpy as np


def cross_entropy_from_logits(logits, targets):
    p = 1 / (1 + np.exp(-logits))
    return float(-np.log(p[np.arange(len(targets)), targets]).mean())
