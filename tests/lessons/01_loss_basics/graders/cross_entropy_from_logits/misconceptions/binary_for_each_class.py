# diagnosis: every_class_yes_or_no
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p = np.clip(p, 1e-300, 1 - 1e-16)
    y = np.eye(logits.shape[1])[targets]
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1).mean())
