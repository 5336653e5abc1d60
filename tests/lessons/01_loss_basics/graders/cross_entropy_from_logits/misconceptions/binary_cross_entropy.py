# diagnosis: sigmoid
# seen: the loss of several yes-or-no questions
import numpy as np


def cross_entropy_from_logits(logits, targets):
    y = np.eye(logits.shape[1])[targets]
    return float((np.logaddexp(0, logits) - y * logits).mean())
