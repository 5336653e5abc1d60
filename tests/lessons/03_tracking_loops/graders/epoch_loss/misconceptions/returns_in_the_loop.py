# diagnosis: first_batch
# seen: the return is indented one step too far
def epoch_loss(batch_losses, batch_sizes):
    t = n = 0
    for a, b in zip(batch_losses, batch_sizes):
        t += a * b
        n += b
        return t / n
