# diagnosis: logits_clipped
import numpy as np


def cross_entropy_from_logits(logits, targets):
    logits = np.clip(logits, -700, 700)
    return float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(targets)), targets]).mean())
