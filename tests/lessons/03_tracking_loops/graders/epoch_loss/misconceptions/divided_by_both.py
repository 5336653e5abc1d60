# diagnosis: divided_twice
# seen: divided by the samples and by the batches
def epoch_loss(batch_losses, batch_sizes):
    mean = sum(a * b for a, b in zip(batch_losses, batch_sizes)) / sum(batch_sizes)
    return mean / len(batch_losses)
