# diagnosis: halved_at_every_batch
def epoch_loss(batch_losses, batch_sizes):
    avg = batch_losses[0]
    for l in batch_losses[1:]:
        avg = (avg + l) / 2
    return avg
