import numpy as np


def epoch_loss(batch_losses, batch_sizes):
    total = np.array(0.0)
    for loss, size in zip(batch_losses, batch_sizes):
        total += loss * size
    return np.asarray(total / np.sum(batch_sizes))
