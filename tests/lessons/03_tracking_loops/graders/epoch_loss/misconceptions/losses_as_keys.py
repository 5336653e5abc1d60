# diagnosis: equal_losses_merged
# seen: a dictionary from loss to size, in which the second of two equal losses replaces the first
def epoch_loss(batch_losses, batch_sizes):
    d = dict(zip(batch_losses, batch_sizes))
    return sum(l * n for l, n in d.items()) / sum(d.values())
