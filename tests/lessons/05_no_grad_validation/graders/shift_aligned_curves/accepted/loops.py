def shift_aligned_curves(train_loss, val_loss):
    train_at, val_at, gap = [], [], []
    for epoch in range(1, len(train_loss) + 1):
        train_at.append(epoch - 0.5)
        val_at.append(epoch)
        if epoch < len(train_loss):
            before, after = train_loss[epoch - 1], train_loss[epoch]
            gap.append(val_loss[epoch - 1] - (before + (after - before) * 0.5))
    return {"gap": gap, "val_at": val_at, "train_at": train_at}
