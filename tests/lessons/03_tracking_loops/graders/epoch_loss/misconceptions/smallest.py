# diagnosis: largest_or_median
# seen: the best batch
def epoch_loss(batch_losses, batch_sizes):
    return sorted(batch_losses)[0]
