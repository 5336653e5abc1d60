# diagnosis: perplexity
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    return float(np.exp((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(targets)), targets]).mean()))
