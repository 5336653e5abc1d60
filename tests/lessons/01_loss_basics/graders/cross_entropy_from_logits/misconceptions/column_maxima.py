# diagnosis: rows_changed
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=0)
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(targets)), targets]).mean())
