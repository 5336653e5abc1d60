# diagnosis: sizes_averaged
def epoch_loss(batch_losses, batch_sizes):
    return sum(batch_sizes) / len(batch_sizes)
