# diagnosis: equal_sizes_merged
# seen: a dictionary from size to loss
def epoch_loss(batch_losses, batch_sizes):
    loss_of = dict(zip(batch_sizes, batch_losses))
    return sum(size * loss for size, loss in loss_of.items()) / sum(loss_of)
