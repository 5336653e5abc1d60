# diagnosis: no_softmax
import numpy as np


def cross_entropy_from_logits(logits, targets):
    return float(-np.log(logits[np.arange(len(targets)), targets]).mean())
