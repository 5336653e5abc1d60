# diagnosis: largest_or_median
# seen: the median as the robust average
import statistics


def epoch_loss(batch_losses, batch_sizes):
    return statistics.median(batch_losses)
