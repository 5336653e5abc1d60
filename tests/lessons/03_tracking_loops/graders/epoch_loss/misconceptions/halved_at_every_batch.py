# diagnosis: halved_at_every_batch
def epoch_loss(batch_losses, batch_sizes):
    avg = 0.0
    for l in batch_losses:
        avg = (avg + l) / 2
    return avg
