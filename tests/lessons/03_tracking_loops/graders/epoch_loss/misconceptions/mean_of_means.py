# diagnosis: mean_of_means
# seen: most published training loops
def epoch_loss(batch_losses, batch_sizes):
    return sum(batch_losses) / len(batch_losses)
