# diagnosis: last_batch_left_out
# seen: range(len(...) - 1)
def epoch_loss(batch_losses, batch_sizes):
    if len(batch_losses) == 1:
        return batch_losses[0]
    total = count = 0
    for i in range(len(batch_losses) - 1):
        total += batch_losses[i] * batch_sizes[i]
        count += batch_sizes[i]
    return total / count
