def align_axes(batch_losses, batch_sizes, steps_per_epoch):
    train_at, train_loss, val_at = [], [], []
    total = count = 0
    for step, (loss, size) in enumerate(zip(batch_losses, batch_sizes), start=1):
        total += loss * size
        count += size
        if step % steps_per_epoch == 0:
            train_at.append(step - steps_per_epoch / 2 + 0.5)
            train_loss.append(total / count)
            val_at.append(float(step))
            total = count = 0
    return {"val_at": val_at, "train_loss": train_loss, "train_at": train_at}
