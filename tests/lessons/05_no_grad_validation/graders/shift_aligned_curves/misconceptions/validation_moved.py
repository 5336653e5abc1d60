# diagnosis: validation_shifted
# seen: the other curve moved
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    gap = [val_loss[i] - (train_loss[i] + train_loss[i + 1]) / 2 for i in range(n - 1)]
    return {"train_at": [k + 1.0 for k in range(n)], "val_at": [k + 1.5 for k in range(n)], "gap": gap}
