# diagnosis: gap_sign
# seen: training minus validation
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    gap = [(train_loss[i] + train_loss[i + 1]) / 2 - val_loss[i] for i in range(n - 1)]
    return {"train_at": [k + 0.5 for k in range(n)], "val_at": [k + 1.0 for k in range(n)], "gap": gap}
