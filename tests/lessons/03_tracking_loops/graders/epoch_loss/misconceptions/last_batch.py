# diagnosis: last_batch
# seen: loss.item() after the loop over batches
def epoch_loss(batch_losses, batch_sizes):
    for loss in batch_losses:
        result = loss
    return result
