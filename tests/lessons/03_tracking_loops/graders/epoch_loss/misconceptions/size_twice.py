# diagnosis: squared_sizes
# seen: a sum that was weighted already is weighted again
def epoch_loss(batch_losses, batch_sizes):
    sums = [loss * size for loss, size in zip(batch_losses, batch_sizes)]
    return sum(s * size for s, size in zip(sums, batch_sizes)) / sum(batch_sizes)
