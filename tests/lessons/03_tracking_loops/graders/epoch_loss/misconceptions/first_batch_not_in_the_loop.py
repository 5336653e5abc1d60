# diagnosis: first_batch_left_out
# seen: a loop that begins at 1
def epoch_loss(batch_losses, batch_sizes):
    total = 0.0
    for i in range(1, len(batch_losses)):
        total += batch_losses[i] * batch_sizes[i]
    return total / sum(batch_sizes)
