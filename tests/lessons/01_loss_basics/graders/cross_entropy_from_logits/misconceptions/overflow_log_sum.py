# diagnosis: overflow
import numpy as np


def cross_entropy_from_logits(logits, targets):
    right = logits[np.arange(len(targets)), targets]
    return float(np.mean(np.log(np.sum(np.exp(logits), axis=1)) - right))
