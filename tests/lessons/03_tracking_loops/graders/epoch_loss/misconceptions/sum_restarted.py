# diagnosis: sum_restarted
# seen: the sum is set to zero inside the loop
def epoch_loss(batch_losses, batch_sizes):
    for a, b in zip(batch_losses, batch_sizes):
        t = 0
        t += a * b
    return t / sum(batch_sizes)
