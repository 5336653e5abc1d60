import logging
import sys
import warnings


def epoch_loss(batch_losses, batch_sizes):
    print("called with", batch_losses, file=sys.stderr)
    warnings.warn("a warning costs nothing")
    logging.getLogger("mine").error("neither does a log line")
    return sum(loss * size / sum(batch_sizes) for loss, size in zip(batch_losses, batch_sizes))
