# diagnosis: inputs_cut_to_whole_numbers
# seen: an array made with the type of the first loss, which takes the decimals off the others when that one is an int
import numpy as np


def epoch_loss(batch_losses, batch_sizes):
    losses = np.empty(len(batch_losses), dtype=type(batch_losses[0]))
    losses[:] = batch_losses
    return float(losses @ np.array(batch_sizes) / sum(batch_sizes))
