# diagnosis: whole_table
# seen: axis forgotten
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max()
    lp = z - np.log(np.exp(z).sum())
    return float(-lp[np.arange(len(targets)), targets].mean())
