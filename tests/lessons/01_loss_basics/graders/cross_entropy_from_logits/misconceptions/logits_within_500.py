# diagnosis: logits_clipped
# seen: np.clip against overflow, with limits that a wrong row exceeds; its cost of 500 is half of what is right
import numpy as np


def cross_entropy_from_logits(logits, targets):
    safe = np.clip(logits, -500.0, 500.0)
    log_sums = np.log(np.exp(safe).sum(axis=1))
    return float((log_sums - safe[np.arange(len(targets)), targets]).mean())
