# diagnosis: weights_reversed
def epoch_loss(batch_losses, batch_sizes):
    total = sum(l * n for l, n in zip(batch_losses, reversed(batch_sizes)))
    return total / sum(batch_sizes)
