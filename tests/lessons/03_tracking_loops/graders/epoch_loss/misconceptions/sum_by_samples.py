# diagnosis: wrong_count
# seen: running_loss / len(dataset)
def epoch_loss(batch_losses, batch_sizes):
    return sum(batch_losses) / sum(batch_sizes)
