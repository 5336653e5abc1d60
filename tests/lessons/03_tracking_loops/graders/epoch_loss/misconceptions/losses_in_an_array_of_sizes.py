# diagnosis: inputs_cut_to_whole_numbers
# seen: a result array made like the sizes, which are whole numbers
import numpy as np


def epoch_loss(batch_losses, batch_sizes):
    losses = np.empty_like(np.array(batch_sizes))
    losses[:] = batch_losses
    return float(np.average(losses, weights=batch_sizes))
