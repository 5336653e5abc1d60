def align_axes(batch_losses, batch_sizes, steps_per_epoch):
    result = {"train_at": [], "train_loss": [], "val_at": []}
    for end in range(steps_per_epoch, len(batch_losses) + 1, steps_per_epoch):
        first = end - steps_per_epoch
        losses, sizes = batch_losses[first:end], batch_sizes[first:end]
        result["train_at"].append((first + 1 + end) / 2)
        result["train_loss"].append(sum(l * s for l, s in zip(losses, sizes)) / sum(sizes))
        result["val_at"].append(end)
    return result
