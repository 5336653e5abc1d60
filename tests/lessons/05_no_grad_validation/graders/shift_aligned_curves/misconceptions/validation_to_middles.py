# diagnosis: gap_at_midpoints
# seen: validation interpolated at the middles of the epochs
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    return {
        "train_at": [i + 0.5 for i in range(n)],
        "val_at": [i + 1.0 for i in range(n)],
        "gap": [(val_loss[i - 1] + val_loss[i]) / 2 - train_loss[i] for i in range(1, n)],
    }
