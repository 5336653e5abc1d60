# diagnosis: wrong_count
# seen: len(loader) * batch_size as the number of samples
def epoch_loss(batch_losses, batch_sizes):
    total = sum(l * n for l, n in zip(batch_losses, batch_sizes))
    return total / (batch_sizes[0] * len(batch_sizes))
