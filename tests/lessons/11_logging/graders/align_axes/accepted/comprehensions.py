import statistics


def align_axes(batch_losses, batch_sizes, steps_per_epoch):
    whole = len(batch_losses) // steps_per_epoch
    epochs = [range(k * steps_per_epoch, (k + 1) * steps_per_epoch) for k in range(whole)]
    return dict(
        train_at=[statistics.mean(i + 1 for i in epoch) for epoch in epochs],
        train_loss=[
            statistics.fmean([batch_losses[i] for i in epoch], weights=[batch_sizes[i] for i in epoch])
            for epoch in epochs
        ],
        val_at=tuple(epoch.stop for epoch in epochs),
    )
