# diagnosis: equal_losses_merged
def epoch_loss(batch_losses, batch_sizes):
    d = {loss: size for loss, size in zip(batch_losses, batch_sizes)}
    return sum(loss * d[loss] for loss in d) / sum(batch_sizes)
