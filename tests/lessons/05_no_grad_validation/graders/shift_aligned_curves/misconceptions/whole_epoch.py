# diagnosis: whole_epoch
# seen: the training curve moved by one epoch
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    gap = [val_loss[i] - train_loss[i + 1] for i in range(n - 1)]
    return {"train_at": [float(k) for k in range(n)], "val_at": [k + 1.0 for k in range(n)], "gap": gap}
