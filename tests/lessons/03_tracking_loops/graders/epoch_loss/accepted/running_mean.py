def epoch_loss(batch_losses, batch_sizes):
    mean, seen = 0.0, 0
    for loss, size in zip(batch_losses, batch_sizes):
        seen += size
        mean += (loss - mean) * size / seen
    return mean
