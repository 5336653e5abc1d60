# diagnosis: wrong_count
def epoch_loss(batch_losses, batch_sizes):
    total = sum(l * n for l, n in zip(batch_losses, batch_sizes))
    return total / len(batch_losses)
