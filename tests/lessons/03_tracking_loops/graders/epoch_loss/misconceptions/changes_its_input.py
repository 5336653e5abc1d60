# diagnosis: changed_inputs
def epoch_loss(batch_losses, batch_sizes):
    total = count = 0
    for i in range(len(batch_losses)):
        batch_losses[i] *= batch_sizes[i]
        total += batch_losses[i]
        count += batch_sizes[i]
    return total / count
