import numpy as np


def mse(predictions, targets):
    return np.mean((predictions.ravel() - targets.ravel()) ** 2)


def baseline_losses(n_classes, targets):
    logits = np.zeros((1, n_classes))
    cross_entropy = np.logaddexp.reduce(logits, axis=1)[0] - logits[0, 0]
    return {"cross_entropy": cross_entropy, "mse": mse(np.full((len(targets), 1), targets.mean()), targets)}
