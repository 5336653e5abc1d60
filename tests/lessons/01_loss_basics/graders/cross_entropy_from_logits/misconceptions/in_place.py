# diagnosis: changed_inputs
import numpy as np


def cross_entropy_from_logits(logits, targets):
    logits -= logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(-log_p[np.arange(len(targets)), targets].mean())
