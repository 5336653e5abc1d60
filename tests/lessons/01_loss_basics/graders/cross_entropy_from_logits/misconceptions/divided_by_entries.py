# diagnosis: divided_by_classes
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    one_hot = np.eye(logits.shape[1])[targets]
    return float(np.mean(-one_hot * log_p))
