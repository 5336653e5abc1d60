from fractions import Fraction


def epoch_loss(batch_losses, batch_sizes):
    total = sum(Fraction(loss) * size for loss, size in zip(batch_losses, batch_sizes))
    return total / sum(batch_sizes)
