# diagnosis: clipped
# seen: one wrong row may cost no more than 100, as in a library's binary cross-entropy
import numpy as np


def cross_entropy_from_logits(logits, targets):
    top = logits.max(axis=1, keepdims=True)
    logs = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    costs = -logs[np.arange(len(targets)), targets]
    return float(np.minimum(costs, 100.0).mean())
