# diagnosis: shifted_once
import numpy as np


def cross_entropy_from_logits(logits, targets):
    shifted = logits - logits.max(axis=1, keepdims=True)
    right = logits[np.arange(len(targets)), targets]
    return float((np.log(np.exp(shifted).sum(axis=1)) - right).mean())
