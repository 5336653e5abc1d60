# diagnosis: weighted_by_losses
# seen: np.average with its two arguments the wrong way round
import numpy as np


def epoch_loss(batch_losses, batch_sizes):
    return np.average(batch_sizes, weights=batch_losses)
