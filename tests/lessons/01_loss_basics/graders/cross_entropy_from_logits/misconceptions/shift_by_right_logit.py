# diagnosis: log_of_zero
import numpy as np


def cross_entropy_from_logits(logits, targets):
    rows = np.arange(len(targets))
    z = logits - logits[rows, targets][:, None]
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[rows, targets]))
