import statistics


def epoch_loss(batch_losses, batch_sizes):
    per_sample = []
    for i in range(len(batch_losses)):
        per_sample += [batch_losses[i]] * batch_sizes[i]
    return statistics.fmean(per_sample)
