# diagnosis: times_probability
# seen: -p log p of the right class
import numpy as np


def cross_entropy_from_logits(logits, targets):
    z = logits.astype(float)
    z = z - z.max(axis=1, keepdims=True)
    sums = np.log(np.exp(z).sum(axis=1))
    losses = sums - z[np.arange(len(z)), targets]
    return float(np.mean(losses * np.exp(-losses)))
