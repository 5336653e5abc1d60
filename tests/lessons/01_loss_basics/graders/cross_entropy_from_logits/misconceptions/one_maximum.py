# diagnosis: one_shift_for_all_rows
# seen: logits.max() without an axis
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max()
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(targets)), targets]).mean())
