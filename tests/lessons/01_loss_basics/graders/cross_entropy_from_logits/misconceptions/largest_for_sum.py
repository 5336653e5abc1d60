# diagnosis: max_for_log_sum
import numpy as np


def cross_entropy_from_logits(logits, targets):
    return float((logits.max(axis=1) - logits[np.arange(len(targets)), targets]).mean())
