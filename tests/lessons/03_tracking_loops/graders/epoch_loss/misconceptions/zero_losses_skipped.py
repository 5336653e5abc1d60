# diagnosis: zeros_left_out
# seen: `if loss:` to leave out empty batches
def epoch_loss(batch_losses, batch_sizes):
    total, samples = 0.0, 0
    for loss, size in zip(batch_losses, batch_sizes):
        if loss:
            total += loss * size
            samples += size
    return total / samples
