# diagnosis: mean_of_means
import numpy as np


def epoch_loss(batch_losses, batch_sizes):
    return np.mean(batch_losses)
