# diagnosis: returned_none
def epoch_loss(batch_losses, batch_sizes):
    print(sum(l * n for l, n in zip(batch_losses, batch_sizes)) / sum(batch_sizes))
