import numpy as np


def epoch_loss(batch_losses, batch_sizes):
    sizes = np.asarray(batch_sizes, dtype=np.float32)
    return np.dot(np.asarray(batch_losses, dtype=np.float32), sizes) / sizes.sum()
