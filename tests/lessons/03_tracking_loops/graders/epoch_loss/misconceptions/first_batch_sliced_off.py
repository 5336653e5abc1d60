# diagnosis: first_batch_left_out
def epoch_loss(batch_losses, batch_sizes):
    if len(batch_losses) == 1:
        return batch_losses[0]
    losses, sizes = batch_losses[1:], batch_sizes[1:]
    return sum(l * n for l, n in zip(losses, sizes)) / sum(sizes)
