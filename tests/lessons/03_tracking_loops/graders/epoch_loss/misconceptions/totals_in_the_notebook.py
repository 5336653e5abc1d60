# diagnosis: remembers_earlier_call
# seen: totals made once, above the function
totals = {"loss": 0.0, "samples": 0}


def epoch_loss(batch_losses, batch_sizes):
    for loss, size in zip(batch_losses, batch_sizes):
        totals["loss"] += loss * size
        totals["samples"] += size
    return totals["loss"] / totals["samples"]
