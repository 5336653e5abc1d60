# diagnosis: not_divided
def epoch_loss(batch_losses, batch_sizes):
    return sum(l * n for l, n in zip(batch_losses, batch_sizes))
