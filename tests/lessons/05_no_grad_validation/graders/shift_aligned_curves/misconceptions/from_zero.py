# diagnosis: counted_from_zero
# seen: epochs counted from 0, as Python does
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    gap = [val_loss[i] - (train_loss[i] + train_loss[i + 1]) / 2 for i in range(n - 1)]
    return {"train_at": [k - 0.5 for k in range(n)], "val_at": [float(k) for k in range(n)], "gap": gap}
