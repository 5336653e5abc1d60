# diagnosis: zeros_left_out
# seen: filter(None, ...) on one of two lists that belong together
def epoch_loss(batch_losses, batch_sizes):
    losses = list(filter(None, batch_losses))
    sizes = batch_sizes[: len(losses)]
    return sum(a * b for a, b in zip(losses, sizes)) / sum(sizes)
