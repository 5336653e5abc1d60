# diagnosis: last_batch_left_out
# seen: range(len(...) - 1)
def epoch_loss(batch_losses, batch_sizes):
    t = 0
    for i in range(len(batch_losses) - 1):
        t += batch_losses[i] * batch_sizes[i]
    return t / sum(batch_sizes)
