# diagnosis: wrong_count
# seen: BATCH_SIZE times every loss
def epoch_loss(batch_losses, batch_sizes):
    bs = batch_sizes[0]
    t = 0
    for l in batch_losses:
        t += l * bs
    return t / sum(batch_sizes)
