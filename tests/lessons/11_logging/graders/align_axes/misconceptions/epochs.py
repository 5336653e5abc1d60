# diagnosis: axis_in_epochs
def align_axes(batch_losses, batch_sizes, steps_per_epoch):
    n = steps_per_epoch
    whole = len(batch_losses) // n
    train_at, train_loss, val_at = [], [], []
    for k in range(whole):
        part = slice(k * n, (k + 1) * n)
        losses, sizes = batch_losses[part], batch_sizes[part]
        train_at.append(k + 0.5)
        train_loss.append(sum(l * s for l, s in zip(losses, sizes)) / sum(sizes))
        val_at.append(k + 1)
    return {"train_at": train_at, "train_loss": train_loss, "val_at": val_at}
