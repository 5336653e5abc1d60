# diagnosis: not_divided
def epoch_loss(batch_losses, batch_sizes):
    return sum(batch_losses)
