# diagnosis: largest_or_median
# seen: the worst batch
def epoch_loss(batch_losses, batch_sizes):
    return max(batch_losses)
